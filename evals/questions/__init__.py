"""The question sets: data, a development and a test half for each document."""
