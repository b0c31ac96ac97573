# Choosing otherwise than the hub planned.
choice-title = Choisir autrement
choice-request = Demande
choice-sub = Un lot proposé au lieu de ce qui attend. Voyez d’abord son prix ; votre raison est gardée. Les règles de sécurité restent.
choice-price = Ce que changerait le lot { $lot }
choice-refused = Une règle s’y oppose ; il ne peut être choisi.
choice-points = Points de moins bon que le plan : { $points }.
choice-not-exact = Ce prix est une estimation.
choice-bottles = Flacons
choice-reason = Pourquoi
choice-reason-hint = Conservé ; aucun nom
choice-go = Demander ce lot
choice-nothing-chosen = Rien n’a été choisi
choice-lots = Lots proposés
choice-empty-title = Rien n’est proposé
choice-empty = Dès qu’un lactarium propose un excédent, il figure ici.
done-choice-made = C’est proposé à son lactarium, avec votre raison. Ce qui attendait est retiré.
