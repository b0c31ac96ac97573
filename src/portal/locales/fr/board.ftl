# The board: milk that others offer now.

board-title = Tableau des excédents
board-sub =
    { $n ->
        [one] { $ml } mL en { $n } ligne, péremption la plus proche d’abord.
       *[other] { $ml } mL en { $n } lignes, péremption la plus proche d’abord.
    }
board-filter = Filtrer le tableau
board-show = Afficher
board-any = Indifférent
board-protein-from = Protéines à partir de
board-milk = Lait
board-donors-label = Donneuses
board-up-to-donors =
    { $n ->
        [one] Une seule donneuse
       *[other] { $n } au plus
    }
board-donors =
    { $n ->
        [one] { $n } donneuse
       *[other] { $n } donneuses
    }
board-dairy = Produits laitiers
board-dairy-free = Sans produits laitiers
board-no-analysis = Non analysé
board-bank = Lactarium et lot
board-volume = Volume
board-analysis = Protéines et donneuses
board-expires = Péremption
board-own = Le vôtre
board-empty-title = Aucun lait au tableau
board-empty = Envoyez tout de même une demande : elle sera appariée dès qu’un lactarium publie.
board-empty-filtered = Rien ne correspond à ces filtres.
board-no-filter = Tout afficher
board-how = Personne ne prend de flacons au tableau : envoyez une demande, la plateforme trouve le lait conforme aux règles des deux sites.
