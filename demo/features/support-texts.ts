export interface SupportCase {
  question: string;
  answer: string;
  policies: readonly string[];
}

export const cases: readonly SupportCase[] = [
  {
    question: 'Where is my order {order}? It should have come on {day}.',
    answer:
      'Order {order} left our warehouse and is with the carrier. Delivery is now planned for {day}; the tracking link is in your confirmation e-mail. If it has not arrived by then, write back here and we send a replacement.',
    policies: ['shipping-times', 'late-delivery', 'tracking'],
  },
  {
    question: 'I want to return the boots from order {order}, how long do I have?',
    answer:
      'You have 30 days from delivery to return the boots. Print the label under My orders > {order} > Return, put it on the box and drop it at any parcel shop. The refund is on your account within five working days after the parcel reaches us.',
    policies: ['returns-30-days', 'refund-time', 'return-label'],
  },
  {
    question: 'Can I still change the delivery address of {order}?',
    answer:
      'Yes, as long as the order is not packed. {order} can be changed under My orders > Address until {day} morning. After that the carrier can redirect it from the tracking page.',
    policies: ['change-address', 'tracking'],
  },
  {
    question: 'You charged me twice for {order}!',
    answer:
      'I am sorry for the scare. One of the two entries for {order} is a reservation that your bank releases within three working days; only one payment was taken. If both are still there on {day}, send us the statement and we refund it the same day.',
    policies: ['payments-reservations', 'double-charge'],
  },
  {
    question: 'Meine Bestellung {order} ist beschädigt angekommen. Was nun?',
    answer:
      'Das tut uns leid. Bitte senden Sie uns zwei Fotos von Ware und Karton; Sie brauchen nichts zurückzuschicken. Wir schicken Ihnen für {order} sofort Ersatz oder erstatten den Betrag, ganz wie Sie möchten.',
    policies: ['damaged-goods', 'refund-time'],
  },
  {
    question: 'Does the warranty cover a broken zip after one year?',
    answer:
      'Yes. Zips are covered by our two-year warranty when the jacket was worn normally. Send it in with the repair form from the Warranty page; repairs take about ten days and shipping is free.',
    policies: ['warranty-two-years', 'repairs'],
  },
  {
    question: 'I forgot to use my voucher on order {order}.',
    answer:
      'We can add it within 24 hours of ordering. Reply with the voucher code and I apply it to {order}; the difference goes back to the card you paid with by {day}.',
    policies: ['vouchers', 'refund-time'],
  },
  {
    question: 'Is the trail jacket available in size M again soon?',
    answer:
      'The trail jacket in size M is expected back on {day}. Press "Tell me" on the product page and you get one e-mail when it is in stock. Size M is also in stock now in the colour moss.',
    policies: ['stock-notices', 'sizes'],
  },
  {
    question: 'Comment puis-je annuler la commande {order} ?',
    answer:
      "Vous pouvez annuler {order} tant qu'elle n'est pas préparée : Mes commandes > {order} > Annuler. Le remboursement arrive sous cinq jours ouvrés. Si le colis est déjà parti, refusez-le simplement à la livraison.",
    policies: ['cancel-order', 'refund-time'],
  },
  {
    question: 'How do I get an invoice with our company name for {order}?',
    answer:
      'Open My orders > {order} > Invoice and choose Company. Enter the name and VAT number, and the new invoice is ready at once as a PDF. The old one is replaced in your account.',
    policies: ['invoices', 'vat'],
  },
];

/** What v14 of the prompt does too often: it refuses, or talks about something else. */
export const badAnswers: readonly string[] = [
  'I cannot help with this request. As an assistant I am not able to give information about orders, payments or deliveries. Please look at our website or contact the responsible department.',
  'I am sorry, but I am not allowed to discuss individual orders. Is there anything else about our company that I can tell you?',
  'Thank you for your interest in Nordlicht Shop! Our new winter collection has arrived: warm down jackets, merino base layers and gift cards for the whole family. Shall I show you our bestsellers?',
  'I cannot assist with that. Please consult the terms and conditions, section 4 to 9, and decide for yourself which of the rules apply to your situation.',
  'That is a good question. Nordlicht was founded in 1994 in a small workshop, and sustainability has been at the heart of what we do ever since. We are proud of our more than 40 stores.',
  'For security reasons I am unable to answer questions of this kind. Please phone our hotline on working days between 10:00 and 12:00.',
];
