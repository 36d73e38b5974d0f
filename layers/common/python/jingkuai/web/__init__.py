"""The HTTP edge: routes, access rules, problem answers, pages. The only floor that knows of statuses and headers."""
