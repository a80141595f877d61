"""The page for the shop's staff: the catalogue as the shop has it. No shopper sees it."""
