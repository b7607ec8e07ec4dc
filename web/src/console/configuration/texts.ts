import { addTexts } from '../../language/desk'
import '../commonTexts'

addTexts({
  en: {
    'console.configuration.lead': 'Forms, workqueues, roles and settings, as Core has them from the country.',
    'console.configuration.live': 'In use',
    'console.configuration.version': 'Version',
    'console.configuration.since': 'Since',
    'console.configuration.answeredAt': 'The country last answered',
    'console.configuration.refused': 'A newer one was refused',
    'console.configuration.refusedHelp':
      'Core goes on with the one that is in use until this is put right. Refused:',
    'console.configuration.document': 'Document',
    'console.configuration.path': 'Where in it',
    'console.configuration.reason': 'What is wrong',
    'console.configuration.warnings': 'Probable mistakes',
    'console.configuration.warningsHelp':
      'It can be used as it stands, but this is likely not what was meant.',
    'console.configuration.noWarnings': 'Nothing looks like a mistake',
    'console.configuration.failure': 'The country’s documents could not be read',
    'console.configuration.goesOn': 'Core goes on with what it has, and asks again.',
  },
  fr: {
    'console.configuration.lead':
      'Formulaires, files de travail, rôles et réglages, tels que Core les tient du pays.',
    'console.configuration.live': 'En usage',
    'console.configuration.version': 'Version',
    'console.configuration.since': 'Depuis',
    'console.configuration.answeredAt': 'Dernière réponse du pays',
    'console.configuration.refused': 'Une plus récente a été refusée',
    'console.configuration.refusedHelp':
      'Core continue avec celle en usage jusqu’à ce que ceci soit corrigé. Refusée :',
    'console.configuration.document': 'Document',
    'console.configuration.path': 'Où',
    'console.configuration.reason': 'Ce qui ne va pas',
    'console.configuration.warnings': 'Erreurs probables',
    'console.configuration.warningsHelp':
      'Elle peut servir ainsi, mais ceci n’est sans doute pas ce qui était voulu.',
    'console.configuration.noWarnings': 'Rien ne ressemble à une erreur',
    'console.configuration.failure': 'Les documents du pays n’ont pas pu être lus',
    'console.configuration.goesOn': 'Core continue avec ce qu’il a, et redemande.',
  },
})
