"""The LoRA trainer: plain code over what `deployments.families.training` asks of each family."""
