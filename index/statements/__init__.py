"""Who said what: statements found in running text, by the tagger that we train and rules that link its spans."""
