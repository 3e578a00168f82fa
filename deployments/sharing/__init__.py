"""Several models in one replica: loaded when they are asked for, and gone when others need their room."""
