export default {
  en: {
    'certificates.title': 'Print a certificate',
    'certificates.which': 'Certificate',
    'certificates.fee': '{onTime} on time · {late} late · {delayed} delayed',
    'certificates.none': 'There is no certificate that you may print of this record now',
    'certificates.filling': 'Filling in the certificate…',
    'certificates.page': 'Page {page} of {pages}',
    'certificates.large': 'Show it larger',
    'certificates.fit': 'Show it whole',
    'certificates.unknown':
      'This template uses what the desk does not know ({names}); those places stay empty. Tell whoever looks after the country’s configuration.',
    'certificates.continue': 'Continue',
    'certificates.back': 'Back',
    'certificates.review': 'Check the certificate',
    'certificates.reviewWhat':
      'Is everything right? Printing is written down in the record’s history, with who collects it.',
    'certificates.print': 'Print and issue',
    'certificates.printAgain': 'Print once more',
    'certificates.done': 'The certificate was issued',
    'certificates.doneWhat': 'It is in the outbox, and goes to the server as soon as it can.',
    'certificates.toRecord': 'To the record',
    'certificates.printPages': 'Print',
    'certificates.noTemplate':
      'The country has no template for this any more. Tell whoever looks after its configuration.',
  },
  fr: {
    'certificates.title': 'Imprimer un certificat',
    'certificates.which': 'Certificat',
    'certificates.fee': '{onTime} dans les délais · {late} tardif · {delayed} très tardif',
    'certificates.none': 'Il n’y a pas de certificat que vous puissiez imprimer de ce dossier maintenant',
    'certificates.filling': 'Remplissage du certificat…',
    'certificates.page': 'Page {page} sur {pages}',
    'certificates.large': 'Afficher en grand',
    'certificates.fit': 'Afficher en entier',
    'certificates.unknown':
      'Ce modèle utilise ce que le bureau ne connaît pas ({names}) ; ces endroits restent vides. Dites-le à qui s’occupe de la configuration du pays.',
    'certificates.continue': 'Continuer',
    'certificates.back': 'Retour',
    'certificates.review': 'Vérifier le certificat',
    'certificates.reviewWhat':
      'Tout est-il juste ? L’impression est inscrite dans l’historique du dossier, avec qui le retire.',
    'certificates.print': 'Imprimer et délivrer',
    'certificates.printAgain': 'Imprimer encore une fois',
    'certificates.done': 'Le certificat a été délivré',
    'certificates.doneWhat': 'Il est dans la boîte d’envoi et part vers le serveur dès que possible.',
    'certificates.toRecord': 'Au dossier',
    'certificates.printPages': 'Imprimer',
    'certificates.noTemplate':
      'Le pays n’a plus de modèle pour cela. Dites-le à qui s’occupe de sa configuration.',
  },
}
