"""What an operator may write in the chart's values: one model, from which its schema and `values.yaml` are made."""
