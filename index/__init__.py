"""How a clause is found: encoder, FAISS, BM25, lookup by number; its face is search.Searcher."""
