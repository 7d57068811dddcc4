"""Recognisers: from plain data (trace columns, bytes, callables) to what a measure is. Names never count."""
