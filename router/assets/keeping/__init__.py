"""What people make of finished pictures: favourites, tags, collections; and pictures that they delete."""
