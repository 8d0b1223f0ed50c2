"""The shipped documents: data, one text and one metadata file each."""
