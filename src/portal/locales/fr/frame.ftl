# What stands around every page.

frame-skip = Aller au contenu principal
frame-home = Milkbridge, à faire
frame-training = Site de formation : rien ici ne touche un vrai congélateur.
frame-training-name = Formation
frame-scan = Scanner ou saisir un code
frame-scan-camera = Scanner par caméra ou photo
frame-switch = Changer d’utilisateur
frame-switch-user = Changer d’utilisateur
frame-work-for = Travailler pour { $site }
frame-all-sites = Tous les sites
frame-shortcuts-off = Désactiver les raccourcis à une touche
frame-shortcuts-on = Activer les raccourcis à une touche
frame-sign-out = Se déconnecter
frame-main-navigation = Navigation principale
frame-menu = Menu : { $page }
frame-languages = Langues
frame-theme = Clair ou sombre
frame-theme-system = Comme le système
frame-theme-light = Clair
frame-theme-dark = Sombre

## Navigation
nav-worklist = À faire

## Said aloud when something happens
say-soon = Plus que %minutes% minutes : %what%
say-changed = La liste a changé.
say-offline = Pas de connexion. Les données affichées peuvent être anciennes.

## Forms
form-to-mend =
    { $n ->
        [one] Un point à corriger. Votre saisie est conservée.
       *[other] { $n } points à corriger. Votre saisie est conservée.
    }
form-request-id = Identifiant de la requête
form-missing = Saisissez une valeur
form-choose = Choisissez
form-not-a-number = Saisissez un nombre
invalid-out-of-range = Hors des limites acceptées
invalid-in-the-past = Déjà passé. Choisissez une heure ultérieure
invalid-missing = Obligatoire ici
invalid-empty = Obligatoire ici
invalid-too-long = Trop long

## Lists
pages-label = Pages de cette liste
pages-first = Depuis le début
pages-next = Suite
nav-board = Tableau
nav-requests = Demandes
done-offer-accepted = Acceptée. Les flacons sont réservés pour cette demande.
done-offer-declined = Refusée. La plateforme cherche un autre lait.
done-request-sent = Envoyée. La plateforme cherche du lait.
done-request-ended = La demande est close.
done-say-why = Rien n’a été modifié : indiquez pourquoi en 500 caractères au plus.
frame-zone = Heures de { $zone }
