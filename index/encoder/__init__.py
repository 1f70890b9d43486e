"""Text to vectors: in bulk through sentence-transformers in a child process, questions through ONNX Runtime."""

from index.encoder.weights import DEFAULT, EncoderIdentity, cache_dir, identify, locate

__all__ = ["DEFAULT", "EncoderIdentity", "cache_dir", "identify", "locate"]
