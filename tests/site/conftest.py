from tests.site.city import city

__all__ = ["city"]
