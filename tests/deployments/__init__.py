"""The workshop's promises: exact steps, prompt cancellation, faults that stay alone, files that carry their recipe."""
