# The page that shows every part of the design.

components-title = Composants
components-sub = Chaque élément dans chaque état, tel que les pages l’utilisent.
components-tags = Étiquettes d’état
components-tiers = Niveaux d’urgence
components-expiry = Péremption
components-due = Compte à rebours
components-buttons = Boutons
components-fields = Champs de formulaire
components-errors = Résumé des erreurs
components-notes = Messages
components-empty = État vide
