"""How models are made, judged and promoted: LoRAs, and mini, the small model that ships with the project."""
