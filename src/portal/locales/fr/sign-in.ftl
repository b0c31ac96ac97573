# The door: sign-in, the lock of an idle session, switching between people.

sign-in-title = Se connecter
sign-in-first = Connectez-vous pour voir cette page.
sign-in-kept = Votre session est terminée. Votre saisie est conservée : elle sera envoyée dès votre connexion.
sign-in-email = Adresse e-mail
sign-in-password = Mot de passe
sign-in-go = Se connecter
sign-in-wrong = Adresse ou mot de passe incorrect. Rien n’a été fait.
sign-in-throttled = Trop de tentatives. Attendez une minute et réessayez.
sign-in-help = Pas de compte, ou mot de passe perdu ? Adressez-vous à l’administrateur de la plateforme.
lock-title = Verrouillé
lock-who = Connecté : { $name }
lock-why = Personne n’a utilisé cette page depuis 15 minutes. Saisissez votre mot de passe pour reprendre où vous en étiez.
lock-kept = Personne n’a utilisé cette page depuis 15 minutes. Votre saisie est conservée : entrez votre mot de passe et elle sera envoyée.
lock-open = Reprendre
switch-title = Changer d’utilisateur
switch-why = La personne suivante se connecte ici ; la précédente est déconnectée.
fault-again-title = Ce formulaire est-il toujours voulu ?
fault-again-happened = Il a été rempli avant que vous vous soyez reconnecté ou que vous soyez passé à un autre site. Rien n’a encore été modifié et rien de ce que vous avez saisi n’est perdu.
fault-again-next = Envoyez-le pour le site où vous êtes à présent, ou revenez à l’autre site dans le menu ci-dessus et rouvrez la page.
fault-again-send = Envoyer en tant que { $name } pour { $site }
