# Receiving by scan, and a scan from anywhere.

receive-title =
    { $n ->
        [one] Réceptionner un flacon
       *[other] Réceptionner { $n } flacons
    }
receive-scan = Scannez le flacon suivant
receive-waiting = En attente du lecteur
receive-enter = Valider
receive-hint = Pas de lecteur ? Saisissez lot et numéro de flacon, par exemple L-0412-003.
receive-condition = Comment est le flacon en main ?
came-intact = Intact et congelé
came-intact-hint = va au congélateur
came-ice-crystals = Cristaux de glace
came-ice-crystals-hint = votre protocole dit ce que cela vaut
came-liquid = Liquide et froid
came-liquid-hint = mis de côté jusqu’à la décision
came-thawed = Décongelé
came-thawed-hint = n’est pas pris, jamais recongelé
came-damaged = Cassé, fuyant ou illisible
came-damaged-hint = n’est pas pris
came-missing = absent de la caisse
came-waits = à scanner
receive-yes-title = Oui : à prendre
receive-yes = appartient à cette caisse. Mettez-le au congélateur.
receive-no-title = Non : pas pour cette caisse
receive-no = n’est pas au manifeste. Rien n’a été réceptionné. Mettez le flacon en quarantaine et appelez l’expéditeur.
receive-twice-title = Déjà scanné
receive-twice = est déjà scanné ; il compte une fois. Prenez le suivant.
receive-aside-title = Noté : ne pas prendre
receive-aside = est au manifeste, mais n’est pas pris dans cet état. Mettez-le à part.
receive-progress = { $done } sur { $all }
receive-undo = Annuler
receive-missing = Absent
receive-box = La caisse
receive-seal = Numéro de scellé sur la caisse
receive-seal-hint = Un autre scellé, ou aucun, met tout de côté jusqu’à décision.
receive-frozen = Comment est le lait ?
receive-frozen-hint = Regardez trois flacons, un par couche.
receive-frozen-yes = Congelé à cœur
receive-frozen-yes-hint = comme il se doit
receive-frozen-no = Pas congelé à cœur
receive-frozen-no-hint = tout est mis de côté jusqu’à décision
receive-finish = Terminer la réception
receive-left =
    { $n ->
        [one] Un flacon à scanner ou à marquer absent.
       *[other] { $n } flacons à scanner ou à marquer absents.
    }
missing-frozen = Indiquez l’état du lait. Rien n’est enregistré, aucun scan n’est perdu.
missing-bottles = Des flacons restent à scanner. Rien n’est enregistré, aucun scan n’est perdu.
done-transfer-received = Réceptionné : tous les flacons sont en stock.
done-transfer-received-aside = Réceptionné, mais tous les flacons ne sont pas en stock. Voir le manifeste.
outcome-accepted = En stock
outcome-quarantined = Mis de côté
outcome-rejected = Refusé
outcome-missing = Manquant
because-seal-mismatch = scellé différent
because-not-frozen = pas congelé à cœur
because-excursion = excursion de température
because-lot-recalled = lot rappelé
because-recalled = lot rappelé
because-lot-held = bloqué
because-expired = périmé
because-thawed-in-transit = décongelé en route
because-damaged = endommagé
because-missing = non arrivé
scan-unknown = Code inconnu
scan-nothing = Rien trouvé
scan-nothing-hint = ne désigne aucun flacon, lot, caisse ou rappel de vos sites. Rien n’a été modifié.
scan-again = Scanner à nouveau
scan-title = Scanner
scan-sub = Un scan mène à l’étape suivante pour ce que vous tenez en main.
scan-camera = Scanner avec la caméra
scan-camera-hold = Tenez l’étiquette dans l’image.
scan-camera-close = Fermer la caméra
scan-camera-refused = La caméra ne peut pas être utilisée ici. Prenez plutôt une photo, ou saisissez le code.
scan-photo = Photo de l’étiquette
scan-photo-hint = JPEG, PNG ou WebP, 12 Mo au plus. La photo est lue une fois et n’est pas conservée.
scan-photo-read = Lire la photo
scan-photo-none-title = Pas de photo
scan-photo-none = Choisissez d’abord une photo de l’étiquette. Rien n’a été modifié.
scan-photo-no-code-title = Aucun code sur cette photo
scan-photo-no-code = Rien n’a été modifié. Tenez le téléphone plus près et bien droit, avec assez de lumière, et recommencez, ou saisissez le code.
scan-photo-too-large-title = Cette photo est trop grande
scan-photo-too-large = Elle dépasse 12 Mo ou 26 millions de pixels. Rien n’a été modifié. Prenez-la plus petite, ou saisissez le code.
scan-photo-not-a-picture-title = Ce n’est pas une photo
scan-photo-not-a-picture = Le fichier n’est pas une image JPEG, PNG ou WebP, ou il est endommagé. Rien n’a été modifié. Reprenez la photo, ou saisissez le code.
scan-back-to-box = Retour à la caisse
