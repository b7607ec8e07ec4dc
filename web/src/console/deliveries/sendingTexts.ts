import { addTexts } from '../../language/desk'
import './texts'

addTexts({
  en: {
    'console.sendings.lead': 'Each goes on by itself, also when this page is closed.',
    'console.sendings.empty': 'No order was given yet',
    'console.sendings.emptyHelp':
      'Narrow the deliveries down, then choose “Send all of these…” to have all of them sent at once.',
    'console.sendings.underWay': 'Under way',
    'console.sendings.done': 'Done',
    'console.sendings.stopped': 'Stopped',
    'console.sendings.given': 'Given by {who}',
    'console.sendings.ended': 'Ended',
    'console.sendings.numbers':
      '{lookedAt, plural, one {# delivery} other {# deliveries}} gone through, {sent, number} of them sent',
    'console.sendings.progress': 'How far it has come',
    'console.sendings.stop': 'Stop',
    'console.sendings.stopTitle': 'Stop this order?',
    'console.sendings.stopHelp': 'What it has sent is sent. The rest waits for its usual turn.',
    'console.sendings.before': 'Before',
    'console.sendings.olderThan': 'Older than',
    'console.sendings.youngerThan': 'No older than',
  },
  fr: {
    'console.sendings.lead': 'Chacun continue de lui-même, même quand cette page est fermée.',
    'console.sendings.empty': 'Aucun ordre n’a été donné',
    'console.sendings.emptyHelp':
      'Filtrez les livraisons, puis choisissez « Tout envoyer… » pour les envoyer toutes d’un coup.',
    'console.sendings.underWay': 'En cours',
    'console.sendings.done': 'Terminé',
    'console.sendings.stopped': 'Arrêté',
    'console.sendings.given': 'Donné par {who}',
    'console.sendings.ended': 'Fini',
    'console.sendings.numbers':
      '{lookedAt, plural, one {# livraison parcourue} other {# livraisons parcourues}}, dont {sent, number} envoyées',
    'console.sendings.progress': 'Avancement',
    'console.sendings.stop': 'Arrêter',
    'console.sendings.stopTitle': 'Arrêter cet ordre ?',
    'console.sendings.stopHelp': 'Ce qui est envoyé l’est. Le reste attend son tour habituel.',
    'console.sendings.before': 'Avant',
    'console.sendings.olderThan': 'Plus vieux que',
    'console.sendings.youngerThan': 'Pas plus vieux que',
  },
})
