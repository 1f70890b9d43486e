"""The archive: articles in, passages, vectors and words kept in step, evidence out. Knows nothing of the assistant."""
