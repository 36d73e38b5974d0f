"""The employers' side (用人单位): what a unit is asked, and what it says of its people."""
