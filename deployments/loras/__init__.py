"""LoRAs at run time: checked before they are trusted, held in slots that rows of one batch choose between."""
