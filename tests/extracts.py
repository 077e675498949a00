"""Tiny invented extracts, each as a register hands it out, and the rows of the contract that they are."""

# Example mapping → the text of its files, as exported: semicolons, days with dots, decimal commas.
FILES = {
    "sykepenger": {"sykepenger.csv": """lopenr;ytelse;fom;tom;gradering
1;SP;03.01.2011;31.01.2011;100
1;SP;01.02.2011;13.03.2011;100
1;SP;14.03.2011;10.04.2011;50,0
2;SP;05.05.2011;31.12.9999;100
3;PP;05.05.2011;20.05.2011;100
4;SP;01.03.2008;30.03.2008;100
"""},
    "aap": {
        "aap.csv": """lopenr;vedtak_fra;vedtak_til
1;01.03.2010;31.12.2010
1;01.01.2011;30.06.2011
2;01.02.2010;
""",
        "ytelser_for_mars_2010.csv": """lopenr;stonad;fom;tom;grad
1;REHAB;01.09.2009;31.12.2010;
3;ATTF;01.02.2009;30.11.2009;
4;TBU;01.01.2007;;60
5;ATTF;01.01.2007;31.12.2008;
""",
        "meldekort.csv": """lopenr;periode_fra;timer_arbeidet
1;04.10.2010;7,5
1;18.10.2010;
""",
    },
    "uforetrygd": {
        "uforepensjon.csv": """lopenr;uforegrad;virkning_fra;opphor_fra
1;50;01.06.2012;01.01.2014
1;100;01.01.2014;
2;100;01.01.2005;01.01.2009
3;60;01.03.2010;
""",
        "uforetrygd.csv": """lopenr;uforegrad;virkning_fra;opphor_fra
1;100;01.01.2014;
3;80;01.01.2015;01.09.2016
""",
    },
    "dagpenger": {"dagpenger.csv": """lopenr;rettighet;fom;tom
1;DAGO;01.02.2011;31.03.2011
1;PERM;01.04.2011;30.04.2011
2;BASI;10.01.2012;
3;DAGO;01.02.2007;31.03.2007
"""},
    "a_ordningen": {"a_ordningen.csv": """lopenr;maaned;orgnr;arbeidsforholdstype;stillingsprosent;startdato;sluttdato
1;201511;910000001;ordinaertArbeidsforhold;100;15.11.2015;10.01.2016
1;201512;910000001;ordinaertArbeidsforhold;100;15.11.2015;10.01.2016
1;201601;910000001;ordinaertArbeidsforhold;100;15.11.2015;10.01.2016
2;201511;910000002;ordinaertArbeidsforhold;50,5;01.01.2010;
2;201512;910000002;ordinaertArbeidsforhold;80;01.01.2010;
2;201512;910000001;frilanser;0;01.12.2015;
"""},
    "aa_registeret": {"aa_registeret.csv": """lopenr;orgnr;ansatt_fra;ansatt_til;timer_per_uke
1;910000002;01.08.2005;31.12.9999;37,5
1;910000001;01.01.2010;30.06.2010;15
2;910000001;01.01.2010;;99
3;910000001;01.01.2000;31.12.2005;30
"""},
    "tiltak": {"tiltak.csv": """lopenr;tiltakskode;deltaker_fra;deltaker_til
1;ARBTREN;01.09.2011;30.11.2011
1;MENTOR;01.12.2011;
2;GRUPPEAMO;;
3;ABIST;15.02.2011;14.02.2012
"""},
}  # fmt: skip

ROWS = {
    "sykepenger": {"benefit_spells": [
        ("P0001", "sickness_benefit", "100", "2011-01-03", "2011-03-13"),
        ("P0001", "sickness_benefit", "50", "2011-03-14", "2011-04-10"),
        ("P0002", "sickness_benefit", "100", "2011-05-05", None),
    ]},
    "aap": {
        "benefit_spells": [
            ("P0001", "aap", "100", "2009-09-01", "2011-06-30"),
            ("P0002", "aap", "100", "2010-03-01", None),
            ("P0003", "aap", "100", "2009-02-01", "2009-11-30"),
            ("P0004", "aap", "60", "2007-01-01", "2010-02-28"),
        ],
        "aap_hours": [("P0001", "2010-10-04", "7.5"), ("P0001", "2010-10-18", None)],
    },
    "uforetrygd": {"benefit_spells": [
        ("P0001", "disability_pension", "50", "2012-06-01", "2013-12-31"),
        ("P0001", "disability_pension", "100", "2014-01-01", None),
        ("P0003", "disability_pension", "60", "2010-03-01", "2014-12-31"),
        ("P0003", "disability_pension", "80", "2015-01-01", "2016-08-31"),
    ]},
    "dagpenger": {"benefit_spells": [
        ("P0001", "unemployment_benefit", "2011-02-01", "2011-04-30"),
        ("P0002", "individual_allowance", "2012-01-10", None),
    ]},
    "a_ordningen": {"job_spells": [
        ("P0001", "E0001", "37.5", "2015-11-15", "2016-01-10"),
        ("P0002", "E0002", "18.94", "2015-11-01", "2015-11-30"),
        ("P0002", "E0002", "30", "2015-12-01", "2015-12-31"),
    ]},
    "aa_registeret": {"job_spells": [
        ("P0001", "E0002", "37.5", "2005-08-01", None),
        ("P0001", "E0001", "15", "2010-01-01", "2010-06-30"),
        ("P0002", "E0001", None, "2010-01-01", None),
    ]},
    "tiltak": {"measures": [
        ("P0001", "work_practice_ordinary", "2011-09-01", "2011-11-30"),
        ("P0001", "other", "2011-12-01", None),
        ("P0003", "supported_employment_arbeid_med_bistand", "2011-02-15", "2012-02-14"),
    ]},
}  # fmt: skip
