import { addTexts } from '../../language/desk'
import '../commonTexts'

addTexts({
  en: {
    'console.roles': 'Roles',
    'console.roles.lead': 'What people may do, as the country’s configuration says. Roles are changed there.',
    'console.roles.none': 'The country has configured no roles',
    'console.roles.holders': '{count, plural, =0 {nobody has it} one {# person} other {# people}}',
    'console.roles.mayDo': '{count, plural, one {# right} other {# rights}}, explained',
  },
  fr: {
    'console.roles': 'Rôles',
    'console.roles.lead':
      'Ce que les personnes peuvent faire, selon la configuration du pays. Les rôles s’y modifient.',
    'console.roles.none': 'Le pays n’a configuré aucun rôle',
    'console.roles.holders': '{count, plural, =0 {personne} one {# personne} other {# personnes}}',
    'console.roles.mayDo': '{count, plural, one {# droit expliqué} other {# droits expliqués}}',
  },
})
