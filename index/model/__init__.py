"""The shipped encoder: data, a sentence-transformers folder; its card is README.md."""
