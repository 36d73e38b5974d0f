"""The employers' side (用人单位): its members, who joins and who leaves, what a unit is asked, and what becomes of it."""
