"""Jingkuai (荆会): what every context of the registry shares. Three floors: web, aws, domain."""
