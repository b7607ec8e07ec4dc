import { addTexts } from '../../language/desk'
import '../commonTexts'

addTexts({
  en: {
    'console.announcement.lead': 'By mail to everybody whose account is in use; once a day.',
    'console.announcement.subject': 'Subject',
    'console.announcement.body': 'Text',
    'console.announcement.language': 'Language',
    'console.announcement.languageHelp': 'In which you have written it.',
    'console.announcement.needed': 'This is needed.',
    'console.announcement.preview': 'Look at it before it is sent',
    'console.announcement.confirm': 'Send this to everybody?',
    'console.announcement.confirmHelp':
      'It cannot be taken back, and there can be no second one today. Whoever has no mail address is not told.',
    'console.announcement.send': 'Send to everybody',
    'console.announcement.sent': 'It is on its way. How its delivery goes is told among the deliveries.',
  },
  fr: {
    'console.announcement.lead': 'Par courriel à tous ceux dont le compte est actif ; une fois par jour.',
    'console.announcement.subject': 'Objet',
    'console.announcement.body': 'Texte',
    'console.announcement.language': 'Langue',
    'console.announcement.languageHelp': 'Celle dans laquelle vous l’avez écrite.',
    'console.announcement.needed': 'C’est nécessaire.',
    'console.announcement.preview': 'Relire avant l’envoi',
    'console.announcement.confirm': 'Envoyer ceci à tous ?',
    'console.announcement.confirmHelp':
      'On ne peut pas revenir en arrière, et il n’y en aura pas d’autre aujourd’hui. Qui n’a pas d’adresse n’est pas informé.',
    'console.announcement.send': 'Envoyer à tous',
    'console.announcement.sent': 'L’annonce est en route. Sa livraison se suit parmi les livraisons.',
  },
})
