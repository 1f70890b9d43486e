"""What onrecord's claims rest on: each module prints its figures and writes them to results/ with what made them."""
