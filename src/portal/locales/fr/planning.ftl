# Planning everything that is open at once.
planning-all = Planifier tout
planning-title = Planification
planning-is-queued = En attente
planning-is-running = Calcul en cours
planning-is-done = Planifié
planning-is-cancelled = Arrêté ; le meilleur plan est gardé
planning-is-failed = Échec. Rien n’a changé
planning-stopping = Arrêt en cours
planning-progress = Avancement
planning-routes = Tournées
planning-left-out = Caisses laissées
planning-to-board = Vers le tableau
planning-look = Actualiser
planning-stop = Arrêter et garder le meilleur plan
planning-note = Vous pouvez quitter cette page ; le calcul continue.
