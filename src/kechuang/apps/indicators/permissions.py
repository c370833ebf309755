"""Who may see and do what with the models of this app."""
