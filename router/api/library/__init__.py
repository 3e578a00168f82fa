"""Routes of what pictures are drawn with: asset types, brand kits, LoRAs, models, and their licences."""
