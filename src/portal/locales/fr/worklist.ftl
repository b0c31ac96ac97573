# Home: what is due next.

worklist-title = À faire
worklist-urgent =
    { $n ->
        [one] { $n } tâche vous attend dans l’heure.
       *[other] { $n } tâches vous attendent dans l’heure.
    }
worklist-request-milk = Demander du lait
worklist-to-board = Tableau des excédents
worklist-show = Afficher
worklist-all = Tout
worklist-chip-offers = À répondre
worklist-chip-requests = En attente
worklist-chip-pack = À emballer
worklist-chip-receive = À réceptionner
worklist-chip-alarms = Alarmes
worklist-chip-recalls = Rappels
worklist-chip-expiring = Bientôt périmé
worklist-chip-release = À libérer
worklist-kind-offers = Proposition à traiter
worklist-kind-requests = En attente de lait
worklist-kind-pack = À emballer
worklist-kind-receive = À réceptionner
worklist-kind-alarms = Alarme
worklist-kind-recalls = Rappel
worklist-kind-expiring = Bientôt périmé
worklist-kind-release = À libérer
worklist-go-offers = Voir la proposition
worklist-go-requests = Voir pourquoi
worklist-go-pack = Commencer l’emballage
worklist-go-receive = Réceptionner
worklist-go-alarms = Ouvrir l’alarme
worklist-go-recalls = Répondre
worklist-go-expiring = Voir le lot
worklist-go-release = Voir le lot
worklist-go-look = Voir
worklist-go-decide = Voir les preuves
worklist-band-now = Maintenant
worklist-band-today = Aujourd’hui
worklist-band-week = Sous 7 jours
worklist-band-later = Plus tard
worklist-band-now-until = dans l’heure
worklist-band-today-until = avant minuit
worklist-band-week-until = d’ici { $day }
worklist-band-later-until = quand il y a le temps
worklist-offer = Envoyer { $ml } mL à { $site }
worklist-offer-meta = { $bottles }. Nécessaire pour { $when }.
worklist-answer-by = Répondre avant { $when }
worklist-request = { $ml } mL pour { $infant } pas encore promis
worklist-request-ward = { $ml } mL pour le stock du service pas encore promis
worklist-request-meta = { $asked } mL demandés, { $promised } mL promis.
worklist-why-not-yet = La plateforme n’a pas encore cherché.
worklist-why-offered = Une proposition attend la réponse du lactarium.
worklist-why-nothing = Aucun lait publié ne satisfait aux règles de cette demande.
worklist-why-short = Le lait qui convient ne suffit pas pour tous.
worklist-needed-by = Nécessaire pour { $when }
worklist-pack =
    { $n ->
        [one] Emballer { $n } flacon pour { $site }
       *[other] Emballer { $n } flacons pour { $site }
    }
worklist-hand-over =
    { $n ->
        [one] Remettre { $n } flacon pour { $site }
       *[other] Remettre { $n } flacons pour { $site }
    }
worklist-collected-by = Enlèvement à { $when }
worklist-receive =
    { $n ->
        [one] Réceptionner { $n } flacon de { $site }
       *[other] Réceptionner { $n } flacons de { $site }
    }
worklist-on-the-way =
    { $n ->
        [one] En route : { $n } flacon de { $site }
       *[other] En route : { $n } flacons de { $site }
    }
worklist-take-back =
    { $n ->
        [one] Reprendre { $n } flacon qui n’a pas pu être livré à { $site }
       *[other] Reprendre { $n } flacons qui n’ont pas pu être livrés à { $site }
    }
worklist-hold-until = La caisse tient jusqu’à { $when }
worklist-delivered-by = Arrivée à { $when }
worklist-journey-meta = { $ml } mL dans la caisse.
worklist-alarm-warm = Trop chaud pendant le transport depuis { $site }
worklist-alarm-spike = Pic de température pendant le transport depuis { $site }
worklist-alarm-gap = Interruption de l’enregistreur pendant le transport depuis { $site }
worklist-alarm-silent = Enregistreur muet pendant le transport depuis { $site }
worklist-alarm-seal = Scellé différent sur la caisse venant de { $site }
worklist-alarm-since = Depuis { $when }.
worklist-alarm-peak = Maximum { $peak } °C.
worklist-alarm-above = { $span } au-dessus de la limite.
worklist-recall = Répondre au rappel de { $site }
worklist-recall-meta = Motif : { $reason }
worklist-expiring = { $ml } mL du lot { $lot } arrivent à péremption
worklist-expiring-meta =
    { $n ->
        [one] { $n } flacon de { $ml } mL, non promis.
       *[other] { $n } flacons de { $ml } mL, non promis.
    }
worklist-expires-at = Péremption { $when }
worklist-release = Décider de la libération du lot { $lot }
worklist-release-meta = { $ml } mL en quarantaine, péremption { $date }.
worklist-empty-title = Rien en attente
worklist-empty = Propositions, caisses et alarmes apparaissent ici dès qu’il faut agir.
worklist-stock = Stock
worklist-stock-free = Libéré et disponible
worklist-stock-promised = Réservé à une demande
worklist-stock-apart = Mis à part
worklist-stock-expiring = { $ml } mL périment sous 7 jours.

worklist-plan =
    { $n ->
        [one] Planifier le trajet de { $n } flacon promis vers { $site }
       *[other] Planifier le trajet de { $n } flacons promis vers { $site }
    }
worklist-go-plan = Planifier le trajet
worklist-lapses-by = La promesse expire { $when }
worklist-cover =
    { $n ->
        [one] jour de couverture
       *[other] jours de couverture
    }
worklist-collections = Prochains enlèvements
