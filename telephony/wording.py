"""The fixed words of messages to people, in each language: short, plain, and of the GSM 7-bit alphabet.

One letter outside that alphabet (such as á, ç or ã) halves what an SMS holds, so what is sent by SMS does without them.
The texts in braces are filled by `telephony.notifications`, `telephony.quality` and `telephony.summaries`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Language(StrEnum):
    """A language that messages are written in; ISO 639-1."""

    ENGLISH = "en"
    GERMAN = "de"
    SPANISH = "es"
    FRENCH = "fr"
    ITALIAN = "it"
    DUTCH = "nl"
    PORTUGUESE = "pt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """All that is said in one language.

    Attributes:
        nobody: a caller who withheld their number, after the "from" of the other texts.
        end_too: follows a list of gaps when the end may be missing as well.
        mailbox: the last line of an e-mail.
        day: how a day of a month is written.
        months: their names as they are shortened in the middle of a sentence.
    """

    voicemail: str
    call: str
    missed: str
    listen: str
    nobody: str
    wordless: str
    unread: str
    unheard: str
    end_missing: str
    few_missing: str
    gaps_of_call: str
    gaps_of_recording: str
    and_more: str
    end_too: str
    all_but_outside: str
    all_but_outside_and_end: str
    mailbox: str
    summary: str
    day: str
    months: tuple[str, ...]

    def time(self, at: datetime) -> str:
        """Write a local time: day, month, time of day and the name of the zone."""
        day = self.day.format(day=at.day, month=self.months[at.month - 1])
        return f"{day} {at:%H:%M %Z}"


WORDINGS = {
    Language.ENGLISH: Wording(
        voicemail="Voicemail from {caller}, {time}, {length}.",
        call="Call from {caller}, {time}.",
        missed="Missed call from {caller}, {time}. No message was left.",
        listen="Listen:",
        nobody="a withheld number",
        wordless="No words could be made out.",
        unread="This message could not be put in writing.",
        unheard="A message may have been left: it could not be put in writing, and no recording of it has come.",
        end_missing="The end of the text may be missing.",
        few_missing="A few words may be missing from the text.",
        gaps_of_call="The text is incomplete: nothing is known of {gaps} of the call{more}{end}.",
        gaps_of_recording="The text is incomplete: nothing is known of {gaps} of the recording{more}{end}.",
        and_more=" and elsewhere",
        end_too=", and its end may be missing",
        all_but_outside="All of the recording is in writing, but nothing is known of what was said before or after it.",
        all_but_outside_and_end=(
            "All of the recording is in writing, but nothing is known of what was said before or after it,"
            " and its end may be missing."
        ),
        mailbox="Mailbox: {mailbox}",
        summary="{mailbox}, {time}. New messages: {messages}. Missed calls: {missed}.",
        day="{day} {month}",
        months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ),
    Language.GERMAN: Wording(
        voicemail="Sprachnachricht von {caller}, {time}, {length}.",
        call="Anruf von {caller}, {time}.",
        missed="Verpasster Anruf von {caller}, {time}. Es wurde keine Nachricht hinterlassen.",
        listen="Anhören:",
        nobody="anonym",
        wordless="Es waren keine Worte zu verstehen.",
        unread="Diese Nachricht konnte nicht in Text umgewandelt werden.",
        unheard=(
            "Vielleicht wurde eine Nachricht hinterlassen: Sie konnte nicht in Text umgewandelt werden,"
            " und es ist keine Aufnahme eingetroffen."
        ),
        end_missing="Das Ende des Textes fehlt möglicherweise.",
        few_missing="Im Text fehlen möglicherweise ein paar Wörter.",
        gaps_of_call="Der Text ist unvollständig. Nicht erfasst vom Anruf: {gaps}{more}{end}.",
        gaps_of_recording="Der Text ist unvollständig. Nicht erfasst von der Aufnahme: {gaps}{more}{end}.",
        and_more=" und weitere Stellen",
        end_too=", vielleicht auch das Ende",
        all_but_outside=(
            "Die ganze Aufnahme liegt als Text vor, aber was davor oder danach gesagt wurde, ist nicht bekannt."
        ),
        all_but_outside_and_end=(
            "Die ganze Aufnahme liegt als Text vor, aber was davor oder danach gesagt wurde, ist nicht bekannt,"
            " und das Ende fehlt möglicherweise."
        ),
        mailbox="Mailbox: {mailbox}",
        summary="{mailbox}, {time}. Neue Nachrichten: {messages}. Verpasste Anrufe: {missed}.",
        day="{day}. {month}",
        months=("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
    ),
    Language.SPANISH: Wording(
        voicemail="Mensaje de voz de {caller}, {time}, {length}.",
        call="Llamada de {caller}, {time}.",
        missed="Llamada perdida de {caller}, {time}. Sin mensaje.",
        listen="Escuchar:",
        nobody="desconocido",
        wordless="No se ha entendido ninguna palabra.",
        unread="Este mensaje no se pudo pasar a texto.",
        unheard="Puede que haya un mensaje: no se pudo pasar a texto y su audio no ha llegado.",
        end_missing="Puede faltar el final del texto.",
        few_missing="Pueden faltar algunas palabras en el texto.",
        gaps_of_call="Texto incompleto. De la llamada falta: {gaps}{more}{end}.",
        gaps_of_recording="Texto incompleto. Del audio falta: {gaps}{more}{end}.",
        and_more=" y otras partes",
        end_too=", y tal vez el final",
        all_but_outside="Todo el audio consta en el texto, pero se desconoce lo dicho antes o después.",
        all_but_outside_and_end=(
            "Todo el audio consta en el texto, pero se desconoce lo dicho antes o después, y puede faltar el final."
        ),
        mailbox="Buzón de voz: {mailbox}",
        summary="{mailbox}, {time}. Mensajes nuevos: {messages}. Llamadas perdidas: {missed}.",
        day="{day} {month}",
        months=("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"),
    ),
    Language.FRENCH: Wording(
        voicemail="Message vocal de {caller}, {time}, {length}.",
        call="Appel de {caller}, {time}.",
        missed="Appel manqué de {caller}, {time}. Aucun message n'a été laissé.",
        listen="Écouter :",
        nobody="numéro masqué",
        wordless="Aucun mot n'est compréhensible.",
        unread="La transcription de ce message a échoué.",
        unheard=(
            "Il se peut qu'un message ait été laissé : sa transcription a échoué et aucun enregistrement n'est arrivé."
        ),
        end_missing="La fin du texte peut manquer.",
        few_missing="Quelques mots peuvent manquer dans le texte.",
        gaps_of_call="Texte incomplet. Passages non transcrits de l'appel : {gaps}{more}{end}.",
        gaps_of_recording="Texte incomplet. Passages non transcrits de l'enregistrement : {gaps}{more}{end}.",
        and_more=" et d'autres",
        end_too=", et la fin peut manquer",
        all_but_outside=(
            "Tout l'enregistrement est transcrit, mais rien n'est connu de ce qui a été dit avant ou après."
        ),
        all_but_outside_and_end=(
            "Tout l'enregistrement est transcrit, mais rien n'est connu de ce qui a été dit avant ou après,"
            " et la fin peut manquer."
        ),
        mailbox="Messagerie : {mailbox}",
        summary="{mailbox}, {time}. Nouveaux messages : {messages}. Appels manqués : {missed}.",
        day="{day} {month}",
        # "aout" as the reform of 1990 writes it: û is outside the alphabet of SMS.
        months=(
            "janv.",
            "févr.",
            "mars",
            "avr.",
            "mai",
            "juin",
            "juil.",
            "aout",
            "sept.",
            "oct.",
            "nov.",
            "déc.",
        ),
    ),
    Language.ITALIAN: Wording(
        voicemail="Messaggio vocale da {caller}, {time}, {length}.",
        call="Chiamata da {caller}, {time}.",
        missed="Chiamata persa da {caller}, {time}. Nessun messaggio lasciato.",
        listen="Ascolta:",
        nobody="numero privato",
        wordless="Non si distinguono parole.",
        unread="Non è stato possibile trascrivere questo messaggio.",
        unheard=(
            "Potrebbe esserci un messaggio: non è stato possibile trascriverlo e non è arrivata alcuna registrazione."
        ),
        end_missing="La fine del testo potrebbe mancare.",
        few_missing="Nel testo potrebbero mancare alcune parole.",
        gaps_of_call="Testo incompleto. Parti della chiamata non trascritte: {gaps}{more}{end}.",
        gaps_of_recording="Testo incompleto. Parti della registrazione non trascritte: {gaps}{more}{end}.",
        and_more=" e altre",
        end_too=", e forse la fine",
        all_but_outside="Tutta la registrazione è trascritta, ma non si sa che cosa sia stato detto prima o dopo.",
        all_but_outside_and_end=(
            "Tutta la registrazione è trascritta, ma non si sa che cosa sia stato detto prima o dopo,"
            " e potrebbe mancare la fine."
        ),
        mailbox="Casella vocale: {mailbox}",
        summary="{mailbox}, {time}. Messaggi nuovi: {messages}. Chiamate perse: {missed}.",
        day="{day} {month}",
        months=("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"),
    ),
    Language.DUTCH: Wording(
        voicemail="Voicemail van {caller}, {time}, {length}.",
        call="Oproep van {caller}, {time}.",
        missed="Gemiste oproep van {caller}, {time}. Er is geen bericht achtergelaten.",
        listen="Beluisteren:",
        nobody="een anoniem nummer",
        wordless="Er waren geen woorden te verstaan.",
        unread="Dit bericht kon niet in tekst worden omgezet.",
        unheard=(
            "Mogelijk is er een bericht achtergelaten: het kon niet in tekst worden omgezet"
            " en er is geen opname van binnengekomen."
        ),
        end_missing="Het einde van de tekst ontbreekt mogelijk.",
        few_missing="Mogelijk ontbreken er enkele woorden in de tekst.",
        gaps_of_call="De tekst is onvolledig. Niet uitgewerkt van de oproep: {gaps}{more}{end}.",
        gaps_of_recording="De tekst is onvolledig. Niet uitgewerkt van de opname: {gaps}{more}{end}.",
        and_more=" en andere delen",
        end_too=", en mogelijk het einde",
        all_but_outside="De hele opname staat in de tekst, maar wat ervoor of erna is gezegd, is onbekend.",
        all_but_outside_and_end=(
            "De hele opname staat in de tekst, maar wat ervoor of erna is gezegd, is onbekend,"
            " en het einde ontbreekt mogelijk."
        ),
        mailbox="Voicemailbox: {mailbox}",
        summary="{mailbox}, {time}. Nieuwe berichten: {messages}. Gemiste oproepen: {missed}.",
        day="{day} {month}",
        months=("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    ),
    Language.PORTUGUESE: Wording(
        voicemail="Mensagem de voz de {caller}, {time}, {length}.",
        call="Chamada de {caller}, {time}.",
        missed="Chamada perdida de {caller}, {time}. Sem mensagem.",
        listen="Ouvir:",
        nobody="desconhecido",
        wordless="Nenhuma palavra foi compreendida.",
        unread="Falhou a passagem desta mensagem para texto.",
        unheard="Talvez haja uma mensagem: falhou a sua passagem para texto e ainda falta o som.",
        end_missing="Pode faltar o fim do texto.",
        few_missing="Podem faltar algumas palavras no texto.",
        gaps_of_call="Texto incompleto. Da chamada falta: {gaps}{more}{end}.",
        gaps_of_recording="Texto incompleto. Do som gravado falta: {gaps}{more}{end}.",
        and_more=" e outras partes",
        end_too=", e talvez o fim",
        all_but_outside="Todo o som gravado consta do texto, mas nada se sabe do que foi dito antes ou depois.",
        all_but_outside_and_end=(
            "Todo o som gravado consta do texto, mas nada se sabe do que foi dito antes ou depois, e pode faltar o fim."
        ),
        mailbox="Caixa de mensagens: {mailbox}",
        summary="{mailbox}, {time}. Mensagens novas: {messages}. Chamadas perdidas: {missed}.",
        day="{day} de {month}",
        months=("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"),
    ),
}
"""The words of each language; every language has some."""
