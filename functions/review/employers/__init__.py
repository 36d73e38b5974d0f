"""The employer's side (用人单位): its members, who joins and who leaves, and what becomes of a unit."""
