"""`articles.db`: the only truth of an archive, and the only place that speaks SQL."""
