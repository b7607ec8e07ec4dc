// What the navigation needs. Each page brings its own texts when it is loaded.
export default {
  en: {
    'console.heading': 'Administration',
    'console.overview': 'Overview',
    'console.deliveries': 'Deliveries',
    'console.pending': 'Pending actions',
    'console.clients': 'System clients',
    'console.users': 'Users',
    'console.places': 'Places',
    'console.audit': 'Audit',
    'console.configuration': 'Configuration',
    'console.announcement': 'Announcement',
  },
  fr: {
    'console.heading': 'Administration',
    'console.overview': 'Vue d’ensemble',
    'console.deliveries': 'Livraisons',
    'console.pending': 'Actions en attente',
    'console.clients': 'Clients système',
    'console.users': 'Utilisateurs',
    'console.places': 'Lieux',
    'console.audit': 'Audit',
    'console.configuration': 'Configuration',
    'console.announcement': 'Annonce',
  },
}
