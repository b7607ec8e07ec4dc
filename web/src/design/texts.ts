export default {
  en: {
    'design.loading': 'Loading…',
    'design.failed': 'That did not work',
    'design.retry': 'Try again',
    'design.noAnswer':
      'The server does not answer. Check the network; what you entered is kept on this device.',
    'design.forbidden': 'Your role does not allow this.',
    'design.tooMany':
      'Too many tries. Wait {seconds, plural, one {# second} other {# seconds}} and try again.',
    'design.close': 'Close',
    'design.cancel': 'Cancel',
    'design.confirm': 'Confirm',
    'design.back': 'Back',
    'design.optional': 'optional',
    'design.choose': 'Choose…',
    'design.pages': 'Pages of the list',
    'design.previous': 'Previous page',
    'design.next': 'Next page',
    'design.range': '{from}–{to} of {total}',
  },
  fr: {
    'design.loading': 'Chargement…',
    'design.failed': 'Cela n’a pas fonctionné',
    'design.retry': 'Réessayer',
    'design.noAnswer':
      'Le serveur ne répond pas. Vérifiez le réseau ; ce que vous avez saisi est gardé sur cet appareil.',
    'design.forbidden': 'Votre rôle ne le permet pas.',
    'design.tooMany':
      'Trop d’essais. Attendez {seconds, plural, one {# seconde} other {# secondes}} avant de réessayer.',
    'design.close': 'Fermer',
    'design.cancel': 'Annuler',
    'design.confirm': 'Confirmer',
    'design.back': 'Retour',
    'design.optional': 'facultatif',
    'design.choose': 'Choisir…',
    'design.pages': 'Pages de la liste',
    'design.previous': 'Page précédente',
    'design.next': 'Page suivante',
    'design.range': '{from}–{to} sur {total}',
  },
}
