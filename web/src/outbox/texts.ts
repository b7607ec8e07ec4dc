export default {
  en: {
    'outbox.title': 'Outbox',
    'outbox.subtitle':
      '{waiting, plural, =0 {Nothing waits} one {# submission on its way} other {# submissions on their way}}{attention, plural, =0 {} one {, # needs your attention} other {, # need your attention}}',
    'outbox.attention': 'Needs your attention',
    'outbox.going': 'On its way',
    'outbox.done': 'With the country’s systems',
    'outbox.done.text': 'These have left the outbox. They are shown here for 30 days.',
    'outbox.empty.title': 'Nothing waits to be sent',
    'outbox.empty.text':
      'What you hand in appears here until the country’s systems have confirmed that they have it, with or without a network.',
    'outbox.untitled': 'Without a name',
    'outbox.news': '{title}, {action}: {state}.',
    'outbox.badge.waiting': '{count} waiting',
    'outbox.badge.attention': '{count, plural, one {# needs attention} other {# need attention}}',
    'outbox.badge.broken': 'Device problem',

    'outbox.action.NOTIFY': 'Notification',
    'outbox.action.DECLARE': 'Declaration',
    'outbox.action.EDIT': 'Edit',
    'outbox.action.REGISTER': 'Registration',
    'outbox.action.REJECT': 'Sending back',
    'outbox.action.ARCHIVE': 'Archiving',
    'outbox.action.PRINT_CERTIFICATE': 'Certificate',
    'outbox.action.REQUEST_CORRECTION': 'Correction request',
    'outbox.action.APPROVE_CORRECTION': 'Approval of a correction',
    'outbox.action.REJECT_CORRECTION': 'Refusal of a correction',
    'outbox.action.CUSTOM': 'Action',
    'outbox.action.MARK_AS_DUPLICATE': 'Marking as a duplicate',
    'outbox.action.MARK_AS_NOT_DUPLICATE': 'Marking as no duplicate',
    'outbox.action.DELETE': 'Deletion',

    'outbox.waiting.network': 'Waiting for network',
    'outbox.waiting.server': 'Waiting to be sent',
    'outbox.waiting.signedOut': 'Waiting until you sign in again',
    'outbox.waiting.core-busy': 'Waiting for Core, which has no time now',
    'outbox.waiting.undecided': 'Waiting for the country’s decision on an earlier action of this record',
    'outbox.waiting.not-held': 'Waiting: nobody holds the record, it is being assigned to you again',
    'outbox.waiting.in-doubt': 'It is not known whether this arrived; Core is being asked',
    'outbox.foretold': 'If it has not: {problem}.',
    'outbox.waiting.wish':
      'You took this back, but it may have arrived. Core is being asked; nothing is sent meanwhile.',
    'outbox.waiting.held': 'Waiting: “{title}” of the same record goes first',
    'outbox.waiting.heldByProblem':
      'Waiting: “{title}” of the same record goes first, and needs your attention',
    'outbox.waiting.no-answer': 'Waiting for network',
    'outbox.waiting.not-core': 'Waiting for network',
    'outbox.waiting.signed-out': 'Waiting until you sign in again',
    'outbox.trouble.not-core':
      'Something else than Core answers ({message}). The network may want you to sign in to it.',
    'outbox.trouble.core-busy': 'Core says: {message}',
    'outbox.tried': '{attempts, plural, one {# try} other {# tries}} since {since}. It goes on by itself.',
    'outbox.long': 'not through for long',
    'outbox.since': 'since {since}',

    'outbox.sending': 'Sending',
    'outbox.sending.record': 'The record is being begun.',
    'outbox.sending.assignment': 'The record is being assigned to you.',
    'outbox.sending.files': 'Its files are being sent.',
    'outbox.sending.action': 'Core is being told, and tells the country’s systems.',
    'outbox.files': '{done} of {count, plural, one {# file} other {# files}} sent',

    'outbox.received':
      'Received by Core, waiting for the country’s systems (since {since}, {attempts, plural, one {# attempt} other {# attempts}})',
    'outbox.received.lastError': 'Last: {error}',
    'outbox.inExternalValidation': 'Received, in external validation',
    'outbox.approved': 'Approved',
    'outbox.refused': 'Refused',
    'outbox.refused.why': 'Refused: {reason}',
    'outbox.refused.byCountry': 'By the country’s systems, {at}',
    'outbox.refused.byHand': 'By an operator, {at}',
    'outbox.refused.handedBack': 'Handed back by an operator, to be put right and sent again, {at}',

    'outbox.problem.held':
      '{name, select, none {Somebody else} other {{name}}} holds this record, so that nothing of yours was done',
    'outbox.problem.conflict': 'The record no longer allows this',
    'outbox.problem.invalid': 'Some answers will not do',
    'outbox.problem.forbidden': 'You may not do this',
    'outbox.problem.gone': 'The record is not there, or not there for you any more',
    'outbox.problem.file': 'A file could not be sent: {file}',
    'outbox.problem.duplicate': 'Not registered: this may be a duplicate of another record',
    'outbox.problem.unexpected': 'Core refused this',
    'outbox.moreFields': 'and {count} more',
    'outbox.todo.held':
      'Try again when they have let go of it. If you may, take it over: what they are doing is then interrupted.',
    'outbox.todo.conflict':
      'Somebody has moved the record meanwhile. Open it and see whether this is still needed; otherwise discard it.',
    'outbox.todo.invalid': 'Correct the answers and hand it in again.',
    'outbox.todo.forbidden':
      'Ask whoever gives out rights at your office, then try again; or discard it and leave it to somebody who may.',
    'outbox.todo.gone':
      'Ask your office whether the record was deleted or moved, then try again or discard this.',
    'outbox.todo.file': 'Correct the answers: choose the file again, or another one.',
    'outbox.todo.duplicate':
      'Open the record, compare it with the others, and say whether it is one of them.',
    'outbox.todo.unexpected': 'Try again; if that does not help, tell your administrator what is said here.',
    'outbox.todo.refused': 'Open the record to see what can be done now.',
    'outbox.todo.refusedDraft': 'Put it right and hand it in again, or say that you have seen it.',

    'outbox.do.correct': 'Correct',
    'outbox.do.edit': 'Edit',
    'outbox.do.takeOver': 'Take over',
    'outbox.do.tryAgain': 'Try again',
    'outbox.do.tryNow': 'Try now',
    'outbox.do.tryAll': 'Try all now',
    'outbox.do.openRecord': 'Open the record',
    'outbox.do.dismiss': 'I have seen this',
    'outbox.do.discard': 'Discard…',
    'outbox.discard.title': 'Discard “{title}”?',
    'outbox.discard.text': 'It was not sent. What you filled in is gone then, and cannot be brought back.',
    'outbox.discard.mustAsk':
      'It may have arrived already. Core is asked first: if it has it, it stays; if not, what you filled in is gone and cannot be brought back.',
    'outbox.discard.action': 'Discard',
    'outbox.takeOver.title': 'Take the record over?',
    'outbox.takeOver.text':
      '{name, select, none {Somebody else} other {{name}}} holds it now and may be working on it. They lose it, and yours is sent again.',
    'outbox.told.asked': 'Core is being asked whether it has this. You will see here what comes of it.',
    'outbox.told.too-late': 'Too late: Core has it already.',
    'outbox.told.failed': 'This device could not write that down. Nothing was changed.',

    'outbox.story': 'What has happened',
    'outbox.story.waiting': 'waiting',
    'outbox.story.sending': 'sending',
    'outbox.story.received': 'received by Core',
    'outbox.story.in-external-validation': 'in external validation',
    'outbox.story.approved': 'approved',
    'outbox.story.refused': 'refused',
    'outbox.story.needs-attention': 'needs attention',
    'outbox.note.not-cancelled': 'it could not be taken back: Core had it',
    'outbox.note.taken-over': 'taken over',
    'outbox.note.tried-again': 'tried again',
    'outbox.note.sent-again': 'Core had lost it; it is sent again',

    'outbox.silent':
      'Core has not answered since {since}. What you hand in is safe on this device and goes by itself.',
    'outbox.mayBeCleared':
      'The browser may clear what is kept here when the device runs out of space. Install the desk on the device, or send what waits soon.',
    'outbox.scarce':
      'This device has only {free} MB left for the desk. Make room before you add more pictures.',
    'outbox.device.full': 'This device is full',
    'outbox.device.full.text':
      'Nothing is lost, but nothing more can be kept or sent. Delete something on the device to make room; it goes on by itself.',
    'outbox.device.failed': 'This device’s storage does not answer',
    'outbox.device.failed.text':
      'Close the other tabs of the desk and load this page again. What was kept before is still there.',
  },
  fr: {
    'outbox.title': 'Boîte d’envoi',
    'outbox.subtitle':
      '{waiting, plural, =0 {Rien n’attend} one {# envoi en route} other {# envois en route}}{attention, plural, =0 {} one {, # demande votre attention} other {, # demandent votre attention}}',
    'outbox.attention': 'Demande votre attention',
    'outbox.going': 'En route',
    'outbox.done': 'Chez les systèmes du pays',
    'outbox.done.text': 'Ceux-ci ont quitté la boîte d’envoi. Ils sont affichés ici pendant 30 jours.',
    'outbox.empty.title': 'Rien n’attend d’être envoyé',
    'outbox.empty.text':
      'Ce que vous remettez apparaît ici jusqu’à ce que les systèmes du pays aient confirmé l’avoir reçu, avec ou sans réseau.',
    'outbox.untitled': 'Sans nom',
    'outbox.news': '{title}, {action} : {state}.',
    'outbox.badge.waiting': '{count} en attente',
    'outbox.badge.attention': '{count, plural, one {# à voir} other {# à voir}}',
    'outbox.badge.broken': 'Problème de l’appareil',

    'outbox.action.NOTIFY': 'Notification',
    'outbox.action.DECLARE': 'Déclaration',
    'outbox.action.EDIT': 'Modification',
    'outbox.action.REGISTER': 'Enregistrement',
    'outbox.action.REJECT': 'Renvoi',
    'outbox.action.ARCHIVE': 'Archivage',
    'outbox.action.PRINT_CERTIFICATE': 'Certificat',
    'outbox.action.REQUEST_CORRECTION': 'Demande de correction',
    'outbox.action.APPROVE_CORRECTION': 'Approbation d’une correction',
    'outbox.action.REJECT_CORRECTION': 'Refus d’une correction',
    'outbox.action.CUSTOM': 'Action',
    'outbox.action.MARK_AS_DUPLICATE': 'Marquage comme doublon',
    'outbox.action.MARK_AS_NOT_DUPLICATE': 'Marquage comme non-doublon',
    'outbox.action.DELETE': 'Suppression',

    'outbox.waiting.network': 'En attente du réseau',
    'outbox.waiting.server': 'En attente d’envoi',
    'outbox.waiting.signedOut': 'En attente de votre reconnexion',
    'outbox.waiting.core-busy': 'En attente de Core, qui n’a pas le temps',
    'outbox.waiting.undecided': 'En attente de la décision du pays sur une action précédente de ce dossier',
    'outbox.waiting.not-held': 'En attente : personne ne tient le dossier, il vous est de nouveau attribué',
    'outbox.waiting.in-doubt': 'On ne sait pas si ceci est arrivé ; on le demande à Core',
    'outbox.foretold': 'Si ce n’est pas le cas : {problem}.',
    'outbox.waiting.wish':
      'Vous avez repris ceci, mais c’est peut-être arrivé. On le demande à Core ; rien n’est envoyé entre-temps.',
    'outbox.waiting.held': 'En attente : « {title} » du même dossier passe d’abord',
    'outbox.waiting.heldByProblem':
      'En attente : « {title} » du même dossier passe d’abord, et demande votre attention',
    'outbox.waiting.no-answer': 'En attente du réseau',
    'outbox.waiting.not-core': 'En attente du réseau',
    'outbox.waiting.signed-out': 'En attente de votre reconnexion',
    'outbox.trouble.not-core':
      'Autre chose que Core répond ({message}). Le réseau veut peut-être que vous vous y connectiez.',
    'outbox.trouble.core-busy': 'Core dit : {message}',
    'outbox.tried':
      '{attempts, plural, one {# essai} other {# essais}} depuis {since}. Cela continue tout seul.',
    'outbox.long': 'bloqué depuis longtemps',
    'outbox.since': 'depuis {since}',

    'outbox.sending': 'Envoi en cours',
    'outbox.sending.record': 'Le dossier est en train d’être commencé.',
    'outbox.sending.assignment': 'Le dossier vous est en train d’être attribué.',
    'outbox.sending.files': 'Ses fichiers sont en cours d’envoi.',
    'outbox.sending.action': 'Core en est informé, et informe les systèmes du pays.',
    'outbox.files': '{done} sur {count, plural, one {# fichier envoyé} other {# fichiers envoyés}}',

    'outbox.received':
      'Reçu par Core, en attente des systèmes du pays (depuis {since}, {attempts, plural, one {# tentative} other {# tentatives}})',
    'outbox.received.lastError': 'Dernière erreur : {error}',
    'outbox.inExternalValidation': 'Reçu, en validation externe',
    'outbox.approved': 'Approuvé',
    'outbox.refused': 'Refusé',
    'outbox.refused.why': 'Refusé : {reason}',
    'outbox.refused.byCountry': 'Par les systèmes du pays, {at}',
    'outbox.refused.byHand': 'Par un opérateur, {at}',
    'outbox.refused.handedBack': 'Rendu par un opérateur, à corriger et à renvoyer, {at}',

    'outbox.problem.held':
      '{name, select, none {Quelqu’un d’autre} other {{name}}} tient ce dossier, rien de votre envoi n’a donc été fait',
    'outbox.problem.conflict': 'Le dossier ne permet plus ceci',
    'outbox.problem.invalid': 'Certaines réponses ne conviennent pas',
    'outbox.problem.forbidden': 'Vous n’avez pas le droit de faire ceci',
    'outbox.problem.gone': 'Le dossier n’est pas là, ou plus là pour vous',
    'outbox.problem.file': 'Un fichier n’a pas pu être envoyé : {file}',
    'outbox.problem.duplicate': 'Non enregistré : ceci est peut-être le doublon d’un autre dossier',
    'outbox.problem.unexpected': 'Core a refusé ceci',
    'outbox.moreFields': 'et {count} de plus',
    'outbox.todo.held':
      'Réessayez quand le dossier sera libéré. Si vous en avez le droit, prenez-le : le travail en cours de l’autre personne sera interrompu.',
    'outbox.todo.conflict':
      'Quelqu’un a fait avancer le dossier entre-temps. Ouvrez-le pour voir si ceci est encore nécessaire ; sinon, abandonnez-le.',
    'outbox.todo.invalid': 'Corrigez les réponses et remettez-le à nouveau.',
    'outbox.todo.forbidden':
      'Demandez à la personne qui attribue les droits dans votre bureau, puis réessayez ; ou abandonnez-le et laissez-le à quelqu’un qui en a le droit.',
    'outbox.todo.gone':
      'Demandez à votre bureau si le dossier a été supprimé ou déplacé, puis réessayez ou abandonnez ceci.',
    'outbox.todo.file': 'Corrigez les réponses : choisissez de nouveau le fichier, ou un autre.',
    'outbox.todo.duplicate':
      'Ouvrez le dossier, comparez-le aux autres, et dites s’il est le même que l’un d’eux.',
    'outbox.todo.unexpected':
      'Réessayez ; si cela n’aide pas, dites à votre administrateur ce qui est écrit ici.',
    'outbox.todo.refused': 'Ouvrez le dossier pour voir ce qui est possible maintenant.',
    'outbox.todo.refusedDraft': 'Corrigez et remettez-le à nouveau, ou dites que vous l’avez vu.',

    'outbox.do.correct': 'Corriger',
    'outbox.do.edit': 'Modifier',
    'outbox.do.takeOver': 'Prendre le dossier',
    'outbox.do.tryAgain': 'Réessayer',
    'outbox.do.tryNow': 'Essayer maintenant',
    'outbox.do.tryAll': 'Tout essayer maintenant',
    'outbox.do.openRecord': 'Ouvrir le dossier',
    'outbox.do.dismiss': 'J’ai vu',
    'outbox.do.discard': 'Abandonner…',
    'outbox.discard.title': 'Abandonner « {title} » ?',
    'outbox.discard.text':
      'Ce n’a pas été envoyé. Ce que vous avez rempli sera perdu et ne pourra pas être récupéré.',
    'outbox.discard.mustAsk':
      'C’est peut-être déjà arrivé. On le demande d’abord à Core : s’il l’a, cela reste ; sinon, ce que vous avez rempli sera perdu et ne pourra pas être récupéré.',
    'outbox.discard.action': 'Abandonner',
    'outbox.takeOver.title': 'Prendre le dossier ?',
    'outbox.takeOver.text':
      '{name, select, none {Quelqu’un d’autre} other {{name}}} le tient et y travaille peut-être. Cette personne le perd, et le vôtre est renvoyé.',
    'outbox.told.asked': 'On demande à Core s’il a ceci. Vous verrez ici ce qu’il en est.',
    'outbox.told.too-late': 'Trop tard : Core l’a déjà.',
    'outbox.told.failed': 'Cet appareil n’a pas pu le noter. Rien n’a changé.',

    'outbox.story': 'Ce qui s’est passé',
    'outbox.story.waiting': 'en attente',
    'outbox.story.sending': 'envoi',
    'outbox.story.received': 'reçu par Core',
    'outbox.story.in-external-validation': 'en validation externe',
    'outbox.story.approved': 'approuvé',
    'outbox.story.refused': 'refusé',
    'outbox.story.needs-attention': 'demande votre attention',
    'outbox.note.not-cancelled': 'n’a pas pu être repris : Core l’avait',
    'outbox.note.taken-over': 'dossier pris',
    'outbox.note.tried-again': 'nouvel essai',
    'outbox.note.sent-again': 'Core l’avait perdu ; renvoyé',

    'outbox.silent':
      'Core ne répond plus depuis {since}. Ce que vous remettez est en sécurité sur cet appareil et part tout seul.',
    'outbox.mayBeCleared':
      'Le navigateur peut effacer ce qui est gardé ici si l’appareil manque de place. Installez l’application, ou envoyez bientôt ce qui attend.',
    'outbox.scarce':
      'Il ne reste que {free} Mo sur cet appareil. Faites de la place avant d’ajouter des images.',
    'outbox.device.full': 'Cet appareil est plein',
    'outbox.device.full.text':
      'Rien n’est perdu, mais rien de plus ne peut être gardé ni envoyé. Supprimez quelque chose sur l’appareil ; cela continue ensuite tout seul.',
    'outbox.device.failed': 'Le stockage de cet appareil ne répond pas',
    'outbox.device.failed.text':
      'Fermez les autres onglets et rechargez cette page. Ce qui a été gardé est toujours là.',
  },
}
