# An offer: what is proposed, why, and the answer.

offer-crumb = Proposition
offer-title = Envoyer { $ml } mL à { $site } ?
offer-sub =
    { $bottles ->
        [one] { $bottles } flacon, nécessaire pour { $when }
       *[other] { $bottles } flacons, nécessaires pour { $when }
    }
offer-proposed =
    { $n ->
        [one] Proposé : un lot
       *[other] Proposé : { $n } lots
    }
offer-lot = Lot
offer-takes = Prélève
offer-protein-label = Protéines
offer-protein = { $protein } g/dL
offer-expires = Péremption
offer-why-full = En entier. Les { $ml } mL demandés sont couverts.
offer-why-short = En partie. Sur { $wanted } mL demandés, { $ml } mL manquent partout.
offer-why-time = À temps. Nécessaire dans { $span }.
offer-why-runner-up = Lait suivant dans le classement : moins bon de { $points } points par flacon.
offer-why-displaces = Un flacon de plus serait pris à une demande de niveau { $tier }.
offer-why-nobody-loses = Personne d’autre n’y perd.
offer-why-lots = { $n } lots à prélever au congélateur.
offer-why-not = Pourquoi pas un autre lot
offer-eligible = lots du tableau pourraient convenir
offer-chosen = choisi(s) ici
offer-failed = Règles non satisfaites par d’autres lots
offer-failed-lots = Combien
offer-failed-rule = Règle
offer-lots =
    { $n ->
        [one] { $n } lot
       *[other] { $n } lots
    }
offer-tiers-first = Le niveau le plus urgent est toujours servi d’abord, quels que soient les points. Les points ne départagent que des plans qui servent les niveaux à égalité.
offer-answer = Votre réponse
offer-answer-by = Répondre avant { $when }
offer-accept = Accepter et réserver
offer-accept-means = Accepter réserve ces flacons pendant quelques heures : planifiez leur trajet avant que la promesse n’expire.
offer-decline = Refuser avec un motif
offer-decline-reason = Motif
offer-decline-note = Note
offer-decline-note-hint = Aucun nom de donneuse ou d’enfant
offer-decline-go = Refuser
offer-choose-reason = Choisissez un motif
offer-other-needs-note = Précisez ici l’autre motif
offer-not-declined = La proposition n’a pas été refusée
offer-not-yours = C’est le site qui détient le lait qui répond.
offer-decided = { $state } { $when } par { $by }
offer-by-rule = la règle permanente du site
offer-by-other = un autre système ou la plateforme
offer-changed-title = Modifié pendant que vous regardiez
offer-changed-happened = Votre réponse n’a pas été enregistrée.
offer-changed-otherwise = Voici la proposition telle qu’elle est maintenant.
offer-against = Face au second choix
offer-is-chosen = Choisi
offer-is-runner-up = Second choix
offer-donors = Donneuses
offer-points = Points en moins par flacon
offer-see-journey = Voir le trajet
