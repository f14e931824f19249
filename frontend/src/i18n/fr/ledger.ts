import type { ledger as ar } from '../ar/ledger';
import { plural } from '../message';

export const ledger: typeof ar = {
  title: 'Le registre public',
  lead: 'Chaque étape de chaque proposition est écrite dans un seul registre, que tout le monde peut lire : on y ajoute, on n’y efface pas.',
  what: [
    'Quand une proposition arrive, ou que le comité décide, une ligne est écrite : le numéro de la proposition, ce qui s’est passé, quand. Ni nom, ni texte.',
    'À la place de vos mots, une empreinte calculée à partir d’eux. Si une seule lettre change, l’empreinte change.',
    'Le registre entier a lui aussi une empreinte. Nous l’écrivons dans un relevé et nous le signons. Si une ligne ancienne change, l’empreinte du registre change, et toute personne qui a gardé un relevé le voit.',
  ],
  whatTitle: 'Ce que c’est',
  check: {
    title: 'Vérifiez votre preuve',
    lead: 'La preuve est le fichier que vous enregistrez depuis le récépissé ou la page de suivi. Choisissez-le, ou collez son texte.',
    stays:
      'Le fichier ne quitte pas votre appareil. Votre navigateur calcule son empreinte, et seule l’empreinte est demandée au registre.',
    file: 'Le fichier de la preuve',
    text: 'Ou le texte de la preuve',
    textHint:
      'Vous pouvez aussi coller un relevé que vous avez gardé : nous vérifions que le registre n’a pas changé depuis.',
    choose: 'Choisir un fichier',
    missing: 'Choisissez un fichier ou collez un texte.',
    submit: 'Vérifier',
    checking: 'Vérification en cours',
    of: 'Proposition {reference}, inscrite le {date}',
    again: 'Vérifier de nouveau',
    noHash: 'Votre navigateur ne peut pas vérifier ici',
    noHashText:
      'Cette page vous est parvenue sans connexion sûre, et le navigateur refuse alors de calculer les empreintes. Ouvrez-la à une adresse qui commence par https:// ou vérifiez sur votre ordinateur, comme expliqué plus bas.',
  },
  right: {
    receipt: 'La preuve est juste : votre proposition est au registre telle que vous l’avez écrite.',
    checkpoint: 'Le relevé est juste : tout ce que le registre contenait ce jour-là y est encore, sans changement.',
  },
  wrong: 'La vérification a échoué. Lisez ce qui ne va pas.',
  wrongHelp:
    'Assurez-vous que c’est le fichier que vous avez enregistré et que personne ne l’a changé. Si la réponse reste la même, gardez-le et montrez-le à une personne de confiance hors de l’administration : c’est lui qui parle pour vous.',
  waits: 'La preuve est juste, mais n’a pas encore sa place au registre. Réessayez dans une minute.',
  unchecked: 'Tout n’a pas pu être vérifié. Lisez ce qui l’a été et ce qui ne l’a pas été.',
  outcome: { right: 'Juste', wrong: 'Faux', waits: 'En attente', unchecked: 'Non vérifié' },
  found: {
    key_wrong: 'Le site a donné une clé illisible : rien ne peut être vérifié.',
    unreadable: 'Ce n’est ni une preuve ni un relevé, ou il en manque une partie. Prenez le fichier tel qu’enregistré.',
    words_right: 'Les mots : ceux qui ont été inscrits, à la lettre près.',
    words_wrong: 'Les mots : ce ne sont pas ceux qui ont été inscrits. Quelque chose y a changé.',
    entry_right: 'L’empreinte : c’est celle de la ligne inscrite.',
    entry_wrong: 'L’empreinte : ce n’est pas celle de la ligne inscrite. L’une des deux a changé.',
    promise_right: 'La signature : le registre a promis d’inscrire cette ligne et a signé sa promesse.',
    promise_wrong: 'La signature : ce n’est pas celle de ce registre. La preuve a changé, ou vient d’un autre site.',
    promise_unchecked:
      'La signature : votre navigateur ne connaît pas ce genre de signature. Celle de la preuve n’a pas été vérifiée.',
    note_right: 'Le dernier relevé : il est signé avec la clé du registre.',
    note_wrong:
      'Le dernier relevé : il n’est pas signé avec la clé du registre. La faute est au registre, non à votre fichier.',
    note_unchecked:
      'Le dernier relevé : votre navigateur ne connaît pas ce genre de signature. La sienne n’a pas été vérifiée.',
    place_right: 'La place : la ligne est au registre, et l’empreinte du registre la couvre.',
    place_wrong: 'La place : ce que dit le registre ne tient pas. La faute est au registre, non à votre fichier.',
    place_unknown: 'La place : le registre ne connaît pas cette ligne.',
    place_waits:
      'La place : la ligne est arrivée, mais aucun relevé ne la couvre. Le prochain vient dans une minute environ.',
    kept_right: 'Votre relevé : il est signé par ce registre.',
    kept_wrong: 'Votre relevé : il n’est pas signé avec la clé de ce registre. Quelque chose y a changé.',
    kept_other_log: 'Votre relevé : c’est celui d’un autre registre.',
    kept_unchecked:
      'Votre relevé : votre navigateur ne connaît pas ce genre de signature. La sienne n’a pas été vérifiée.',
    growth_right: 'Le registre aujourd’hui : il commence par tout ce que couvrait votre relevé, sans changement.',
    growth_wrong: 'Le registre aujourd’hui : il ne commence pas par ce que couvrait votre relevé. Il a été réécrit.',
    growth_shrunk: 'Le registre aujourd’hui : il contient moins que votre relevé. Quelque chose en a été effacé.',
    unreachable: 'Le registre aujourd’hui : il n’a pas répondu et n’a pas été vérifié. Réessayez.',
  },
  provesTitle: 'Ce qu’il prouve',
  proves: [
    'Que votre proposition est arrivée, avec ces mots-là.',
    'Que chaque étape écrite est restée telle quelle depuis la preuve ou le relevé que vous avez.',
    'Que chaque proposition arrivée a aujourd’hui un état connu : aucune ne se perd en silence.',
  ],
  provesNotTitle: 'Ce qu’il ne prouve pas',
  provesNot: [
    'Qu’une décision est bonne. Le registre dit ce qui a été décidé et quand, rien de plus.',
    'Rien du tout, si personne n’a rien gardé. Qui possède le serveur peut réécrire tout le registre et le signer de nouveau. Seule une preuve ou un relevé d’avant le révèle, chez quelqu’un hors de l’administration. Gardez donc votre preuve, et enregistrez un relevé de temps en temps.',
    'Que cette page dit vrai : elle vient du même serveur. Si vous ne voulez pas la croire, vérifiez sur votre ordinateur.',
  ],
  eraseTitle: 'Si vous effacez votre texte',
  erase:
    'Le registre reste juste : il n’y a pas de texte à y effacer. Nous effaçons aussi ce qui liait l’empreinte à vos mots ; elle ne dit alors plus rien. Effacez également le fichier de la preuve si rien de votre texte ne doit rester.',
  figures: {
    title: 'Le registre en ce moment',
    entries: plural({ one: 'ligne', other: 'lignes' }),
    at: 'Dernier relevé',
    covers: plural({ one: '{date}, pour {n} ligne', other: '{date}, pour {n} lignes' }),
    root: 'Empreinte du registre entier',
    key: 'Clé du registre',
    keyHint: 'Gardez-la : elle dira demain si la signature est toujours celle du registre.',
    witnesses: 'Témoins hors de l’administration',
    witnessCount: plural({
      zero: 'Aucun pour l’instant. Les preuves et relevés que vous gardez en tiennent lieu.',
      one: 'Une personne reçoit chaque jour le dernier relevé.',
      other: '{n} personnes reçoivent chaque jour le dernier relevé.',
    }),
    refresh: 'Actualiser les chiffres',
    empty: 'Le registre est vide',
    emptyText: 'Aucune proposition n’est encore arrivée. La première écrira la première ligne.',
    unsigned: 'Aucun relevé n’est encore signé. Le premier vient dans la minute.',
  },
  take: {
    title: 'Prenez le registre et vérifiez sur votre ordinateur',
    text: 'Le registre est un seul fichier, que chacun peut prendre. Le programme de ce site est libre et le vérifie sans réseau : mettez les fichiers dans un même dossier et tapez cette commande. Le dernier nom est à remplacer par celui de votre preuve.',
    log: 'Télécharger le registre',
    checkpoint: 'Télécharger le dernier relevé',
    key: 'Télécharger la clé',
    longer:
      'Si le programme dit que le registre et le relevé n’ont pas la même longueur, le registre a grandi entre les deux téléchargements : reprenez-les tous les deux.',
    experts:
      'Pour les spécialistes : arbre de Merkle selon la RFC 6962, empreintes SHA-256, signatures Ed25519, relevés au format C2SP.',
  },
};
