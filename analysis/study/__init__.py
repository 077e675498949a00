"""What a study is and how one is read: settings, contract of its tables, intake, problems, data dictionary."""
