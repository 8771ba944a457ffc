"""Rules on sentences of our own: what is rare, what only looks alike, and the same in French, Spanish and German."""

from __future__ import annotations

import pytest

from cop.terms.clauses import split
from cop.terms.criteria import FindingName, criteria
from cop.terms.rules import readings
from cop.terms.rules.base import Hit
from cop.terms.surroundings import places

LEAST = 0.4


def hits(code: str, text: str) -> list[Hit]:
    found = readings()[code].hits(places(split(text, markdown=False)))
    return [hit for hit in found if hit.weight >= LEAST]


def decided(code: str, text: str) -> FindingName:
    return readings()[code].decision(hits(code, text))[0]


RARE: list[tuple[str, FindingName, str]] = [
    ("OWN-1", "met", "You will continue to own and be responsible for your content."),
    ("OWN-1", "partly", "If you submit photos, you grant us a right to display your photos."),
    ("OWN-1", "not_met", "By posting, you transfer to us all rights, title and interest in your submissions."),
    ("LIC-2", "not_met", "The following sections survive the termination of these terms: Your Content, Disclaimers, Disputes."),
    ("LIC-2", "not_met", "\"Licences\" and \"Disclaimers\" will survive any termination of your account."),
    ("LIC-2", "not_met", "These terms survive the deactivation of your account."),
    ("LIC-2", "not_met", "If you close your account, we may continue to display your posts."),
    ("LIC-2", "partly", "You grant us a perpetual (for public posts only) licence to use your content."),
    ("LIC-3", "not_met", "You let us license your content to other companies for syndication on other media."),
    ("LIC-3", "met", "You grant us a non-transferable licence to host your content."),
    ("LIC-6", "met", "Unless you actively give your consent, your posts are kept from artificial intelligence training."),
    ("LIC-6", "not_met", "The licence you grant for your content lets us develop artificial intelligence with it."),
    ("DEL-2", "met", "Deleted photos leave our backups after thirty days."),
    ("DEL-2", "partly", "After you close your account we delete your information within 24 months."),
    ("DEL-1", "not_met", "It is not possible to delete your account once it was opened."),
    ("MKT-1", "not_met", "We let ad partners work with us. They may also collect your IP address and advertising identifiers."),
    ("MKT-2", "partly", "You can control whether we share your information with our advertising partners."),
    ("MKT-3", "not_met", "We share information with companies; the recipients may use it for their own purposes."),
    ("MKT-3", "partly", "We may share your information as follows:\n* with our affiliates and subsidiaries;"),
    ("AGE-3", "met", "For teens, certain features are not available. Parents find tools to supervise a teen's account."),
    ("AGE-3", "partly", "Users under 18 may request removal of content they posted."),
    ("AGE-2", "partly", "In some countries we may allow your parent or guardian to agree on your behalf."),
    ("CHG-1", "not_met", "We may notify you of changes to these terms, but are not obliged to notify you."),
    ("CHG-2", "met", "Read our previous terms here."),
    ("CHG-2", "met", "See the policy effective before 1 May 2025."),
]  # fmt: skip

LOOKALIKES: list[tuple[str, str]] = [
    ("OWN-1", "You may download pictures if you retain all copyright notices on the materials."),
    ("OWN-1", "You warrant that you hold all rights needed to grant the licence to your content described above."),
    ("LIC-1", "You represent and warrant that you have the right to grant the licences set out in these terms."),
    ("LIC-1", "This licence is only for the purpose of enabling you to use our services."),
    ("LIC-2", "If you revoke your permission, the camera app stops."),
    ("LIC-2", "Your licence to use the app ends when you delete it."),
    ("LIC-3", "We do not share your content."),
    ("LIC-4", "You may not upload anything that infringes a moral right of others."),
    ("LIC-5", "You may not decompile the app or any idea in it, or use its open source licence otherwise."),
    ("LIC-5", "We make suggestions of people whom you may know, and use your location for them."),
    ("DEL-1", "You can appeal our decision to terminate your account."),
    ("DEL-2", "We collected this in the last 12 months; you may ask for deletion of your data."),
    ("AGE-1", "You must be at least 18 years old to sell goods on the market page."),
    ("AGE-2", "Our parent company agrees to these terms and must have your consent."),
    ("AGE-3", "You will not harm minors or use our service to collect information on them."),
    ("AGE-3", "The service is not intended for use by anyone under 16."),
    ("CHG-1", "We will tell you if we have to change your username under these terms."),
    ("CHG-2", "This version replaces all prior versions of the software."),
    ("LNG-2", "In other words, when you visit the site we know it."),
    ("MKT-1", "Advertisers share information about you with us for their ads."),
    ("MKT-1", "We do not sell your information."),
    ("MKT-2", "We also limit the number of marketing messages."),
    ("MKT-3", "Your posts may be cached by sites that are not affiliated with us and share information."),
]  # fmt: skip

TONGUES: list[tuple[str, FindingName, str]] = [
    ("OWN-1", "met", "Vous conservez tous vos droits de propriété sur les contenus que vous publiez."),
    ("OWN-1", "met", "Usted conserva todos los derechos sobre su contenido."),
    ("OWN-1", "met", "Du behältst alle Rechte an deinen Inhalten."),
    ("OWN-1", "not_met", "En publiant un contenu, vous nous cédez tous les droits sur ce contenu."),
    ("LIC-1", "met", "Vous nous accordez une licence pour utiliser votre contenu uniquement afin de fournir le service."),
    ("LIC-1", "not_met", "Usted nos otorga una licencia para usar y reproducir su contenido para cualquier fin y en cualquier medio."),
    ("LIC-1", "not_met", "Sie räumen uns das Recht ein, Ihre Inhalte zu jedem Zweck zu nutzen und zu vervielfältigen; diese Lizenz gilt weltweit."),
    ("LIC-2", "not_met", "Vous nous accordez une licence perpétuelle et irrévocable pour utiliser vos contenus."),
    ("LIC-2", "not_met", "Usted nos otorga una licencia perpetua e irrevocable sobre su contenido."),
    ("LIC-2", "not_met", "Sie gewähren uns eine unwiderrufliche, zeitlich unbegrenzte Lizenz an Ihren Inhalten."),
    ("LIC-2", "met", "La licence prend fin lorsque vous supprimez votre contenu."),
    ("LIC-2", "met", "Esta licencia termina cuando usted elimina su contenido."),
    ("LIC-2", "met", "Diese Lizenz endet, wenn Sie Ihre Inhalte löschen."),
    ("LIC-3", "partly", "Vous nous accordez une licence transférable, avec droit de sous-licence, sur vos contenus."),
    ("LIC-3", "partly", "Usted nos concede una licencia transferible y sublicenciable sobre su contenido."),
    ("LIC-3", "partly", "Sie gewähren uns eine übertragbare und unterlizenzierbare Lizenz an Ihren Inhalten."),
    ("LIC-4", "not_met", "Vous renoncez à vos droits moraux sur les contenus."),
    ("LIC-4", "not_met", "Usted renuncia a los derechos morales sobre el contenido."),
    ("LIC-4", "not_met", "Sie verzichten auf Ihre Urheberpersönlichkeitsrechte an den Inhalten."),
    ("LIC-5", "partly", "Nous pouvons utiliser vos commentaires et suggestions sans aucune obligation envers vous."),
    ("LIC-5", "partly", "Podemos utilizar sus sugerencias libremente y sin compensación."),
    ("LIC-5", "partly", "Wir dürfen Ihre Vorschläge frei verwenden, ohne Vergütung."),
    ("LIC-6", "not_met", "Nous utilisons vos contenus pour entraîner nos modèles d'intelligence artificielle."),
    ("LIC-6", "not_met", "Usamos su contenido para entrenar nuestros modelos de inteligencia artificial."),
    ("LIC-6", "not_met", "Wir nutzen deine Inhalte, um unsere Modelle der künstlichen Intelligenz zu trainieren."),
    ("DEL-1", "met", "Vous pouvez à tout moment supprimer votre compte et vos contenus."),
    ("DEL-1", "met", "Puede eliminar su cuenta y su contenido en cualquier momento."),
    ("DEL-1", "met", "Sie können Ihr Konto und Ihre Inhalte jederzeit löschen."),
    ("DEL-2", "met", "Après suppression, les copies de sauvegarde sont effacées dans un délai de 30 jours."),
    ("DEL-2", "met", "Tras la eliminación, las copias de seguridad se suprimen en 30 días."),
    ("DEL-2", "met", "Nach dem Löschen werden Kopien aus der Sicherung innerhalb von 30 Tagen gelöscht."),
    ("DEL-2", "partly", "Nous conservons vos données aussi longtemps que nécessaire."),
    ("DEL-2", "partly", "Conservamos sus datos mientras sea necesario."),
    ("DEL-2", "partly", "Wir speichern Ihre Daten, solange es erforderlich ist."),
    ("MKT-1", "not_met", "Nous partageons vos données avec des partenaires à des fins de publicité ciblée."),
    ("MKT-1", "not_met", "Compartimos sus datos con socios para fines de publicidad."),
    ("MKT-1", "not_met", "Wir geben Ihre Daten an Werbepartner für Werbung weiter; wir teilen sie mit Dritten."),
    ("MKT-1", "met", "Nous ne partageons jamais vos données à des fins publicitaires ou de marketing."),
    ("MKT-2", "partly", "Vous pouvez vous opposer à tout moment à la publicité ciblée."),
    ("MKT-2", "partly", "Puede oponerse en cualquier momento a la publicidad personalizada."),
    ("MKT-2", "partly", "Sie können der personalisierten Werbung jederzeit widersprechen."),
    ("MKT-3", "partly", "Nous pouvons partager vos données avec nos filiales."),
    ("MKT-3", "partly", "Podemos compartir sus datos con nuestras filiales."),
    ("MKT-3", "partly", "Wir teilen Ihre Daten mit Unternehmen unseres Konzerns."),
    ("AGE-1", "met", "Vous devez avoir au moins 13 ans pour utiliser le service."),
    ("AGE-1", "met", "Debe tener al menos 13 años para usar el servicio."),
    ("AGE-1", "met", "Sie müssen mindestens 13 Jahre alt sein, um den Dienst zu nutzen."),
    ("AGE-2", "met", "Si vous êtes mineur, vous devez avoir le consentement de vos parents."),
    ("AGE-2", "met", "Si es menor de edad, debe contar con el consentimiento de sus padres o tutores."),
    ("AGE-2", "met", "Wenn du minderjährig bist, musst du die Zustimmung deiner Eltern haben."),
    ("AGE-3", "partly", "Les comptes des mineurs sont privés par défaut."),
    ("AGE-3", "partly", "Las cuentas de los menores son privadas por defecto."),
    ("AGE-3", "partly", "Konten von Jugendlichen sind standardmäßig privat."),
    ("CHG-1", "met", "Nous vous informerons de toute modification de ces conditions 30 jours à l'avance."),
    ("CHG-1", "met", "Le notificaremos los cambios de estos términos con 30 días de antelación."),
    ("CHG-1", "met", "Wir werden Sie vorab über jede Änderung dieser Nutzungsbedingungen informieren."),
    ("CHG-1", "not_met", "Nous pouvons modifier ces conditions à tout moment et sans préavis."),
    ("CHG-1", "not_met", "Podemos modificar estos términos en cualquier momento y sin previo aviso."),
    ("CHG-1", "not_met", "Wir können diese Nutzungsbedingungen jederzeit ohne Ankündigung ändern."),
    ("CHG-2", "met", "Consultez les versions antérieures de cette politique."),
    ("CHG-2", "met", "Consulte las versiones anteriores de esta política."),
    ("CHG-2", "met", "Frühere Versionen dieser Bedingungen finden Sie hier."),
    ("LNG-2", "partly", "En résumé : nous gardons peu."),
    ("LNG-2", "partly", "En resumen: guardamos poco."),
    ("LNG-2", "partly", "Kurz gesagt: Wir speichern wenig."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "finding", "text"), RARE)
def test_what_is_rare_is_decided(code: str, finding: FindingName, text: str) -> None:
    assert decided(code, text) == finding


@pytest.mark.parametrize(("code", "text"), LOOKALIKES)
def test_what_only_looks_alike_is_left_alone(code: str, text: str) -> None:
    assert [hit.rule.name for hit in hits(code, text)] == []


@pytest.mark.parametrize(("code", "finding", "text"), TONGUES)
def test_french_spanish_and_german_are_decided_alike(code: str, finding: FindingName, text: str) -> None:
    assert decided(code, text) == finding


def test_every_criterion_is_found_in_all_three_tongues() -> None:
    counted = {code: sum(1 for c, *_ in TONGUES if c == code) for code in set(criteria()) - {"LNG-1"}}
    assert {code for code, count in counted.items() if count < 3} == set()


def test_what_is_only_implied_does_not_stand_beside_what_is_said() -> None:
    text = "You retain all rights in your content. You grant us a licence to show your content."
    assert [hit.rule.name for hit in hits("OWN-1", text)] == ["retains"]
