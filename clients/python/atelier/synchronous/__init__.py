"""The rooms of the synchronous client, written from the asynchronous ones: nothing here is changed by hand."""
