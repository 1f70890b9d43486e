"""Reading what was retrieved: what in it answers, and how likely that is right."""
