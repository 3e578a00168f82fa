"""From a folder of pictures to a LoRA that draws, as a newcomer does it."""
