"""The sentence for every no about a file of loans."""

from mediation.i18n import N_

SENTENCES: dict[str, str] = {
    "loan:paid-out-of-range": N_("More instalments are paid than the loan has."),
    "import:no-file": N_("Choose the file of loans first."),
    "import:not-open": N_("This file was imported or put aside already. Nothing was done now."),
    "import:rows-in-doubt": N_("%(count)s rows of this file cannot be read, so none was imported."),
    "import:changed-meanwhile": N_(
        "The columns of this file were chosen anew meanwhile. Look at the preview again; nothing was imported."
    ),
    "import:empty-file": N_("There is nothing in this file."),
    "import:too-large": N_("A file of loans may have at most %(megabytes)s MB. Send it in parts."),
    "import:old-excel": N_("This is a workbook of the old kind (.xls). Save it as .xlsx or .csv and send it again."),
    "import:password": N_("This workbook is locked by a password. Save it without one and send it again."),
    "import:web-page": N_(
        "This is a web page, whatever its name says. Open it in Excel, save it as .xlsx and send it again."
    ),
    "import:open-document": N_("This is a workbook of LibreOffice (.ods). Save it as .xlsx or .csv and send it again."),
    "import:not-a-workbook": N_(
        "This workbook cannot be opened. Open it in Excel, save it as .xlsx and send it again."
    ),
    "import:unusual-workbook": N_(
        "This workbook is written in an unusual way. Open it in Excel, save it as .xlsx and send it again."
    ),
    "import:unpacks-too-large": N_(
        "This workbook unpacks to far more than a file of loans holds. Keep only the sheet with the loans."
    ),
    "import:workbook-too-large": N_(
        "A sheet of this workbook reaches over %(rows)s rows and %(columns)s columns. Keep only the table of loans."
    ),
    "import:too-many-formula-errors": N_(
        "More than %(limit)s formulas of this workbook failed. Mend them in Excel and send it again."
    ),
    "import:not-text": N_("This is neither a workbook (.xlsx) nor a text file (.csv)."),
    "import:unknown-encoding": N_("The characters of this file cannot be read. Save it as “CSV UTF-8” or as .xlsx."),
    "import:no-columns": N_("No columns can be told apart in this file."),
    "import:broken-quotes": N_(
        "A quotation mark in row %(row)s of the file is opened and not closed, or stands where none belongs."
    ),
    "import:cell-too-long": N_("A cell in row %(row)s of the file is longer than any cell of a workbook."),
    "import:no-header": N_("No row of headers can be found in this file."),
    "import:header-too-long": N_("A header has at most %(limit)s characters; this one is longer: %(column)s"),
    "import:no-rows": N_("There are no loans below the headers."),
    "import:too-many-rows": N_("A file may have at most %(limit)s loans. Send it in parts."),
    "import:too-many-columns": N_("A file may have at most %(limit)s columns."),
    "import:no-such-column": N_("The file has no column %(number)s. Choose the columns again."),
    "import:unknown-field": N_(
        "A column was given a meaning that the platform does not know. Choose the columns again."
    ),
    "import:column-twice": N_(
        "The columns “%(first)s” and “%(second)s” were given the same meaning. Choose one of them."
    ),
    "import:contract-column-missing": N_("Say which column holds the contract number."),
    "import:amount-column-missing": N_("Say which column holds the amount lent, or the principal outstanding."),
    "import:formula-error": N_("The formula in this cell failed. Mend it in Excel."),
    "import:not-minor-units": N_(
        "The header says that amounts are in the smallest unit, so this must be a whole number."
    ),
    "import:not-a-count": N_("Write a whole number here, for example 12."),
    "import:count-out-of-range": N_("A number from %(least)s to %(most)s belongs here."),
    "import:term-not-in-months": N_("The term is not in months or years. Write the number of monthly instalments."),
    "import:rate-out-of-range": N_("This rate is above 1,000%% a year. Check whether it is in per cent."),
    "import:rate-unclear": N_(
        "Nobody can tell whether this rate is in per cent. Add the sign %% or say how the column is written."
    ),
    "import:rates-disagree": N_("The monthly rate times twelve is not the yearly rate."),
    "import:hidden-characters": N_("There are invisible characters in this text. Type it again."),
    "import:characters-lost": N_("Characters of this text were lost in the file. Type it again."),
    "import:text-too-long": N_("A text here has at most %(limit)s characters."),
    "import:masked": N_("Part of this is hidden by asterisks. Give it in full."),
    "import:not-an-email": N_("This is not an e-mail address."),
    "import:digits-lost": N_(
        "The spreadsheet lost digits of this number. Format the column as text and enter it again."
    ),
    "import:phone-not-valid": N_("This is not a telephone number; a mobile number has 11 digits."),
    "import:id-not-valid": N_("This is not a valid identity number. Check each digit."),
    "import:not-a-day": N_("This is not a date. Write it as 2025-01-05."),
    "import:day-ambiguous": N_(
        "This date can be read in two ways. Write it as 2025-01-05, or say whether day or month stands first."
    ),
    "import:day-with-zone": N_("This time names a time zone, which can move the day. Write the day alone."),
    "import:day-out-of-range": N_("This date is before %(least)s or after %(most)s."),
    "import:days-out-of-order": N_("This date is before the day on which the loan was paid out."),
    "import:contract-missing": N_("The contract number is missing."),
    "import:amount-missing": N_("The amount lent is missing, and so is the principal outstanding."),
    "import:contract-twice": N_("This contract already stands in row %(first)s of the file."),
    "import:total-row": N_("This row is a total and no loan. Take it out."),
    "import:too-few-cells": N_("This row has %(given)s cells, and the headers have %(expected)s."),
    "import:too-many-cells": N_("This row has %(given)s cells, and the headers have %(expected)s."),
}
