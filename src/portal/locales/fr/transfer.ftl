# Journeys of milk: list, one journey, its plan, its waybill, its excursions.

nav-transfers = Transferts
transfers-title = Transferts
transfers-open = En cours
transfers-plan = Planifier un transfert
transfers-empty-title = Aucun transfert ici
transfers-empty = Une fois une offre acceptée, son lait attend d’être planifié.
transfer-is-planned = Planifié
transfer-is-packed = Emballé
transfer-is-collected = Enlevé
transfer-is-in-transit = En route
transfer-is-delivered = Livré
transfer-is-received = Réceptionné
transfer-is-received-with-discrepancies = Réceptionné avec écarts
transfer-is-rejected = Refusé
transfer-is-cancelled = Annulé
transfer-from = De
transfer-to = À
transfer-load = Chargement
transfer-pickup = Enlèvement
transfer-delivery = Livraison
transfer-pickup-by = Enlèvement { $at }
transfer-delivery-by = Livraison avant { $at }
transfer-late = En retard
transfer-title = Transfert vers { $site }
transfer-waybill = Bordereau
transfer-receive = Réceptionner
transfer-steps = État du transfert
transfer-temperature = Température dans la caisse
transfer-logger = Enregistreur { $logger }
transfer-no-readings = Aucune mesure pour l’instant.
transfer-custody = Traçabilité
transfer-no-custody = Planifié ; la caisse n’a pas encore été touchée.
custody-planned = Planifié
custody-packed = Emballé et scellé
custody-collected = Enlevé
custody-delivered = Livré
custody-received = Réceptionné
custody-cancelled = Annulé
custody-seal = Scellé { $seal }
transfer-manifest = Manifeste
transfer-plan = Plan et limites
transfer-courier = Transporteur
transfer-packaging = Emballage
transfer-holds = Tient le froid
transfer-warmest = Maximum autorisé
transfer-tolerated = Dépassement toléré
transfer-packing = Emballage éprouvé
transfer-weather = Temps attendu
transfer-weather-unknown = Non noté ; l’essai le plus chaud compte
transfer-road-margin = Trajet, avec marge
transfer-road-and-margin = { $road } et { $margin }
transfer-cut-off = Dernier enlèvement
transfer-door-closes = Destinataire ouvert jusqu’à
transfer-distance = Route
transfer-km = { $km } km
transfer-highest = Mesure maximale
transfer-pack = Emballer et sceller
transfer-pack-go = Emballé et scellé
transfer-seal = Numéro de scellé
transfer-collect = Remettre au transporteur
transfer-seal-again = Numéro de scellé sur la caisse, à rescanner
transfer-collect-go = Remis
transfer-deliver = Livrer
transfer-deliver-go = Livré maintenant
transfer-cancel = Annuler ce transfert
transfer-cancel-go = Annuler
done-transfer-planned = Le transfert est planifié.
done-transfer-pack = La caisse est emballée et scellée.
done-transfer-collect = La caisse est en route.
done-transfer-deliver = La caisse est livrée et attend sa réception.
done-transfer-cancel = Le transfert est annulé ; son lait attend un autre.
missing-seal = Le numéro de scellé est requis. Rien n’a été modifié.
missing-decision = Choisissez la décision et indiquez les motifs. Rien n’a été modifié.
missing-milk = Indiquez l’état du lait avant de le prendre. Rien n’a été modifié.

## The chart
chart-title = Température dans la caisse, pas à pas
chart-description = Du { $from } au { $until }, entre { $low } et { $high }. Limite { $limit } ; mesures au-dessus : { $n }.
chart-limit = Limite { $limit }
chart-table =
    { $n ->
        [one] Afficher la mesure en tableau
       *[other] Afficher les { $n } mesures en tableau
    }
chart-time = Heure
chart-temperature = Température
chart-above = Au-dessus de la limite
chart-within = Dans la limite

## Excursions
excursion-is-warm = Trop chaud trop longtemps
excursion-is-spike = Pic très au-dessus de la limite
excursion-is-gap = Enregistreur muet
excursion-is-silent = Aucune mesure du trajet
excursion-is-seal = Scellé différent
excursion-is-not-frozen = Pas congelé à cœur
excursion-blocks = Ses flacons ne peuvent être ni utilisés, ni déplacés, ni proposés avant décision.
excursion-peak = Pic
excursion-above = Au-dessus de la limite
excursion-allowed = Toléré
excursion-gap = Plus long silence
excursion-acknowledge = J’en ai pris note
excursion-decision = Décision
excursion-accept = Mettre en stock
excursion-accept-hint = Inspecté, et les preuves le permettent
excursion-thawed = Utiliser ici comme lait décongelé
excursion-thawed-hint = jamais recongelé, jamais proposé ; dans les heures de votre protocole
excursion-milk = Comment est le lait ?
excursion-milk-hint = Le flacon le plus mou compte
milk-solid = Congelé à cœur
milk-ice-crystals = Cristaux de glace
milk-liquid = Liquide
excursion-discard = Éliminer
excursion-discard-hint = Tout ce qui a été mis de côté
excursion-grounds = Motifs
excursion-sign = Signer la décision
excursion-not-received = Réceptionnez et inspectez d’abord ; la décision vient ensuite.
decided-accept = Mis en stock
decided-accept-as-thawed = À utiliser ici comme lait décongelé
decided-discard = Éliminé
done-excursion-seen = Votre prise de connaissance est enregistrée.
done-excursion-decided = La décision est signée ; les deux sites la voient.

## Planning
plan-title = Planifier un transfert
plan-not-planned = Le transfert n’a pas été planifié
plan-empty-title = Rien n’attend d’être envoyé
plan-empty = Le lait promis en acceptant une offre attend ici.
plan-choose = Choisissez la destination de la caisse.
plan-what = Contenu de la caisse
plan-lapses = Attend jusqu’à { $at }
plan-logger = Enregistreur dans la caisse
plan-logger-hint = Une caisse avec enregistreur doit avoir des mesures à l’arrivée
plan-go = Planifier
invalid-before-pickup = Antérieur à l’enlèvement

## Waybill
waybill-title = Bordereau { $code }
waybill-print = Imprimez cette page : seul le bordereau paraît.
waybill-what = Lait maternel de don, pasteurisé.
waybill-printed = Imprimé { $at }
waybill-warning = Garder à { $limit } ou plus froid. Ne pas ouvrir. Ne pas recongeler. Si le scellé est rompu, appelez l’expéditeur avant de décharger.
waybill-packed = Emballé
waybill-received = Reçu
waybill-handed = Remis : heure, signature
waybill-taken = Reçu congelé, scellé conforme : heure, signature
