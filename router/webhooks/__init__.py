"""Programs elsewhere are told what jobs do: signed, at least once, as Standard Webhooks has it."""
