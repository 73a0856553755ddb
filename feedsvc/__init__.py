"""feedsvc pulls articles from many sources, recognises copies, files them and republishes each category as feeds."""
